"""The parts' logs: the lines that tell why something failed, and the logs as they grow."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_TELLING = re.compile(
    r"\b(?:\w*(?:error|exception)|fatal|failed|cannot|refused|in use|denied|does not start)\b", re.IGNORECASE
)
_READ_BYTES = 64 * 1024


def telling_lines(log: Path, most: int = 3) -> list[str]:
    """The last lines that speak of a failure, else the very last ones; shortened."""
    lines = [line.strip()[:300] for line in last_lines(log, 200) if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    return (telling or lines)[-most:]


def last_lines(log: Path, count: int) -> list[str]:
    """At most `count` lines of the log's end; none where it does not exist."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _READ_BYTES, 0))
        return file.read().decode(errors="replace").splitlines()[-count:]


def follow(logs: Sequence[Path], pause_seconds: float = 0.3) -> Iterator[tuple[Path, str]]:
    """Lines that are written from this call on, for ever; a log that was rotated is read from its start."""
    places = {log: log.stat().st_size if log.exists() else 0 for log in logs}
    return _new_lines(places, pause_seconds)


def _new_lines(places: dict[Path, int], pause_seconds: float) -> Iterator[tuple[Path, str]]:
    while True:
        for log in filter(Path.exists, places):
            places[log] = 0 if log.stat().st_size < places[log] else places[log]
            with log.open("rb") as file:
                file.seek(places[log])
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    places[log] += len(line)
                    yield log, line.decode(errors="replace").rstrip("\n")
        time.sleep(pause_seconds)
