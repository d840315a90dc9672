"""Processes of one stack, whoever started them, so that none is overlooked.

They are known by the session of the stack's supervisor, or by the AIRFLOW_HOME in their environment: neither alone
is enough, since a program that sets its own title loses its environment, and a task may have a session of its own.
"""

import os
from collections.abc import Callable
from pathlib import Path

import psutil

from contracts.settings import Settings

ROOT = Path(__file__).parents[1]
_TERM_SECONDS, _KILL_SECONDS = 20, 10


def session_of(settings: Settings) -> int | None:
    """The session of the supervisor that was started last: it is named by the supervisor's pid."""
    try:
        return int((settings.data / "supervisord.pid").read_text())
    except (OSError, ValueError):
        return None


def processes_of(settings: Settings, session: int | None) -> list[psutil.Process]:
    """Every living process of the stack, but not this one and its parents."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [one for one in psutil.process_iter() if one.pid not in ours and _belongs(one, settings, session)]


def _belongs(process: psutil.Process, settings: Settings, session: int | None) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if session is not None and os.getsid(process.pid) == session and process.cwd() == str(ROOT):
            return True
        return process.environ().get("AIRFLOW_HOME") == str(settings.data / "airflow")
    except (psutil.Error, OSError):
        return False  # it has ended since, or is another user's


def end_leftovers(settings: Settings, session: int | None) -> list[int]:
    """Ends them, first asked, then killed; returns the pids of those that are still there."""
    found = processes_of(settings, session)
    for process in found:
        _quietly(process.terminate)
    _, stubborn = psutil.wait_procs(found, timeout=_TERM_SECONDS if found else 0)
    for process in stubborn:
        _quietly(process.kill)
    _, immortal = psutil.wait_procs(stubborn, timeout=_KILL_SECONDS if stubborn else 0)
    return [process.pid for process in immortal]


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return  # it was quicker
