"""The SDKs that shops use, unmodified, apart from the platform: `python -m tests.clients.install`, seconds when it is done.

`--or-skip` ends well also where a registry cannot be reached: then the tests that send with them are skipped, with the reason.
They have locks of their own, since the Python ones ask for an older python-dateutil than the platform has.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.settings import settings

HERE = Path(__file__).parent
LOCKS = (HERE / "python" / "requirements.txt", HERE / "node" / "package-lock.json")
BIN = Path(sys.executable).parent
_REASON, _SECONDS = "why-not.txt", 300


class NotInstalled(Exception):
    """Something is missing on this machine, or a registry cannot be reached; the text says what."""


def folder() -> Path:
    """Where they are installed: `python/` for PYTHONPATH, `node/node_modules`."""
    return settings().home.resolve() / "clients"


def is_installed() -> bool:
    stamp = folder() / "locks.sha256"
    return stamp.exists() and stamp.read_text() == _locks()


def why_not() -> str:
    """What the last attempt said, where they are not installed."""
    reason = folder() / _REASON
    return reason.read_text() if reason.exists() else "the SDKs are not installed: run `make clients`"


def install() -> None:
    """Raises NotInstalled."""
    shutil.rmtree(folder(), ignore_errors=True)
    (folder() / "node").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, folder() / "node")
    _run("uv", "pip", "install", "--quiet", "--require-hashes", "--target", folder() / "python", "-r", LOCKS[0])
    _run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder() / "node")
    (folder() / "locks.sha256").write_text(_locks())


def _run(program: str, *words: str | Path) -> None:
    path = f"{BIN}:{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            [BIN / program, *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env=os.environ | {"PATH": path},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{program}: {error}") from error
    if done.returncode != 0:
        raise NotInstalled(f"{program}: {(done.stdout + done.stderr).strip()[-500:]}")


def _locks() -> str:
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()


def main(words: Sequence[str]) -> None:
    if is_installed():
        return
    try:
        install()
    except NotInstalled as problem:
        reason = f"the SDKs that the tests send with could not be installed: {problem}"
        (folder() / _REASON).write_text(reason)
        if "--or-skip" not in words:
            sys.exit(reason)
        print(f"Their tests will be skipped: {reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
