"""The SDKs that shops use, unmodified, apart from the platform: `python -m tests.clients.install`, seconds when it is done.

They have locks of their own, since the Python ones ask for an older python-dateutil than the platform has.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from contracts.settings import settings

HERE = Path(__file__).parent
LOCKS = (HERE / "python" / "requirements.txt", HERE / "node" / "package-lock.json")
BIN = Path(sys.executable).parent


def folder() -> Path:
    """Where they are installed: `python/` for PYTHONPATH, `node/node_modules`."""
    return settings().home.resolve() / "clients"


def is_installed() -> bool:
    stamp = folder() / "locks.sha256"
    return stamp.exists() and stamp.read_text() == _locks()


def install() -> None:
    shutil.rmtree(folder(), ignore_errors=True)
    (folder() / "node").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, folder() / "node")
    _run("uv", "pip", "install", "--quiet", "--require-hashes", "--target", folder() / "python", "-r", LOCKS[0])
    _run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder() / "node")
    (folder() / "locks.sha256").write_text(_locks())


def _run(program: str, *words: str | Path) -> None:
    path = f"{BIN}:{os.environ.get('PATH', os.defpath)}"
    subprocess.run([BIN / program, *words], check=True, timeout=300, env=os.environ | {"PATH": path})


def _locks() -> str:
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()


if __name__ == "__main__":
    if not is_installed():
        install()
