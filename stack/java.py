"""The machine's Java."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from stack.problems import StackProblem

MIN_VERSION = 17
_VERSION = re.compile(r'version "(\d+)')


def java_program() -> Path:
    """`java` of JAVA_HOME, else of PATH; raises StackProblem."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if found is None:
        place = f"in JAVA_HOME ({home})" if home else "on PATH"
        raise StackProblem(f"No Java {place}: install Java {MIN_VERSION} or later (Debian: openjdk-17-jre-headless).")
    return Path(found)


def java_version() -> int:
    """Its major version; raises StackProblem."""
    program = java_program()
    printed = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    version = _VERSION.search(printed)
    if version is None:
        raise StackProblem(f"{program} -version does not say a version: {printed.strip()[:200]}")
    return int(version[1])


def require_java() -> None:
    """Raises StackProblem where there is no Java, or one that is too old."""
    version = java_version()
    if version < MIN_VERSION:
        raise StackProblem(
            f"{java_program()} is Java {version}; Footfall needs {MIN_VERSION} or later. "
            "Install one and let JAVA_HOME name its folder."
        )
