"""A restore is rehearsed: some merchants are restored into a scratch database, and read by the report app's own code."""

import json
import subprocess
import sys

from backups.problems import DamagedBackup
from backups.samples import restored_sample, sample
from backups.store import Store
from contracts.settings import Settings

_READER = "report_app.proof_reading"
"""Run as a program: the plugin knows no other part."""
_SECONDS = 600


def rehearse(store: Store, settings: Settings, generation: int) -> str:
    """What was restored and read, as a sentence. Raises DamagedBackup where a report cannot be read."""
    merchants = sample(store, generation, settings.backup_rehearsed_merchants)
    if not merchants:
        return "No shop has reports yet: there is nothing to rehearse."
    with restored_sample(store, generation, merchants) as scratch:
        count, unreadable = _read(settings.backup_mongo_uri, scratch.name, merchants)
    if unreadable or not count:
        raise DamagedBackup("\n".join(["The restored reports cannot be read:", *unreadable]))
    return f"Restored {', '.join(merchants)} and read {count} reports."


def _read(uri: str, database: str, merchants: list[str]) -> tuple[int, list[str]]:
    """The address goes in by the program's input: it may hold a password."""
    asked = json.dumps({"mongo_uri": uri, "database": database, "merchants": merchants})
    done = subprocess.run(
        [sys.executable, "-m", _READER], input=asked, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{_READER} failed:\n{done.stderr[-2_000:]}")
    said = json.loads(done.stdout)
    return said["reports"], said["unreadable"]
