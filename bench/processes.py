"""CPU seconds and memory of processes, from /proc."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

import psutil

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of the process itself; 0.0 when it has gone."""
    try:
        times = process.cpu_times()
    except _GONE:
        return 0.0
    return float(times.user + times.system)


def pss_bytes(process: psutil.Process) -> int:
    """Its proportional share of memory: what is shared is divided by those who share it."""
    try:
        return int(process.memory_full_info().pss)
    except _GONE:
        return 0


def with_children(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for process in processes:
        try:
            found |= {one.pid: one for one in (process, *process.children(recursive=True))}
        except _GONE:
            continue
    return list(found.values())


@dataclass(slots=True)
class DriverMeter:
    """Adds up the CPU seconds of every driver process that `find` sees while it runs; looks ten times a second. Of those that
    are there when it begins only what they use from then on.
    """

    find: Callable[[], list[psutil.Process]]
    _before: dict[int, float] = field(default_factory=dict)
    _used: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._before = {process.pid: cpu_seconds(process) for process in with_children(self.find())}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        known: dict[int, psutil.Process] = {}
        looked_at = 0.0
        while not self._stop.wait(0.1):
            if time.monotonic() - looked_at > 0.5:
                known |= {process.pid: process for process in with_children(self.find())}
                looked_at = time.monotonic()
            for pid, process in known.items():
                used = cpu_seconds(process) - self._before.get(pid, 0.0)
                self._used[pid] = max(self._used.get(pid, 0.0), used)

    @property
    def seconds(self) -> float:
        return sum(self._used.values())
