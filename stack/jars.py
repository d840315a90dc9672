"""The jars of the broker and of Spark: fetched from Maven Central by the Ivy that pyspark brings, checked by checksum."""

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from stack.java import java_program
from stack.problems import StackProblem

SETS = ("kafka", "spark")
_DECLARED = Path(__file__).parent / "jar_sets"
_TIMEOUT_SECONDS = 600


def fetch_jars(home: Path) -> None:
    """Fills `home`/jars/<set> with exactly the declared jars; quick when they are there. Raises StackProblem."""
    for name in SETS:
        folder = home / "jars" / name
        wanted = declared_checksums(name)
        if is_fetched(home, name):
            continue
        fetched = home / "jars" / f"{name}.new"
        shutil.rmtree(fetched, ignore_errors=True)
        _retrieve(name, fetched, home / "ivy")
        _check(name, fetched, wanted)
        shutil.rmtree(folder, ignore_errors=True)
        fetched.rename(folder)


def is_fetched(home: Path, name: str) -> bool:
    return {jar.name for jar in (home / "jars" / name).glob("*")} == declared_checksums(name).keys()


def declared_checksums(name: str) -> dict[str, str]:
    """Of each jar of the set its SHA-256, by file name."""
    lines = (_DECLARED / "jars.sha256").read_text().splitlines()
    pairs = (line.split(maxsplit=1) for line in lines)
    return {Path(path).name: checksum for checksum, path in pairs if Path(path).parent.name == name}


def spark_home() -> Path:
    """The folder of the installed pyspark, which is a whole Spark."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise StackProblem("pyspark is not installed: run `make setup`.")
    return Path(spec.origin).parent


def _retrieve(name: str, folder: Path, cache: Path) -> None:
    ivy = next((spark_home() / "jars").glob("ivy-*.jar"))
    files = ["-settings", str(_DECLARED / "settings.xml"), "-ivy", str(_DECLARED / f"{name}.xml")]
    target = ["-types", "jar", "bundle", "-retrieve", f"{folder}/[artifact]-[revision].[ext]", "-cache", str(cache)]
    command = [str(java_program()), "-Xmx256m", "-jar", str(ivy), *files, *target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    if done.returncode != 0:
        raise StackProblem(f"The jars of {name} could not be fetched from Maven Central.\n{_reason(done.stdout)}")


def _reason(printed: str) -> str:
    """The lines of Ivy's output that say why."""
    signs = ("WARN", "ERROR", "unresolved", "FAILED", "Exception", "problem")
    lines = [line.strip() for line in printed.splitlines() if any(sign in line for sign in signs)]
    return "\n".join(lines[:12]) or printed[-1_000:]


def _check(name: str, folder: Path, wanted: Mapping[str, str]) -> None:
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    wrong = sorted(jar for jar in found.keys() | wanted.keys() if found.get(jar) != wanted.get(jar))
    if wrong:
        raise StackProblem(
            f"Jars of {name} are missing, unknown or not those of stack/jar_sets/jars.sha256: {', '.join(wrong)}. "
            "Where the change is meant, write the new checksums there."
        )
