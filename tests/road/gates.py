"""Gates: a job that reaches a closed gate waits there until it opens."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Gate:
    """A checkpoint of the jobs, closed while the file of its name exists in the pause folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._closed = folder / name
        self._reached = folder / f"{name}.reached"

    def __enter__(self) -> Self:
        self._closed.parent.mkdir(parents=True, exist_ok=True)
        self._reached.unlink(missing_ok=True)
        self._closed.touch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()

    def open(self) -> None:
        self._closed.unlink(missing_ok=True)
        self._reached.unlink(missing_ok=True)

    def wait_reached(self, timeout_seconds: float = 180) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not self._reached.exists():
            assert time.monotonic() < deadline, f"no job reached {self._closed.name} in {timeout_seconds:.0f} s"
            time.sleep(0.05)
