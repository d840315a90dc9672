"""Stops the whole stack and makes sure that nothing of it is left."""

import psutil

from contracts.settings import Settings
from stack import supervision
from stack.leftovers import end_leftovers, session_of
from stack.problems import StackProblem

_SECONDS = 150


def stop_stack(settings: Settings) -> bool:
    """Airflow first, the engines last; True where something ran. Raises StackProblem when a process cannot be ended."""
    running, session = supervision.running_supervisor(settings), session_of(settings)
    if running is not None:
        _shut_down(settings, running)
    immortal = end_leftovers(settings, session)
    if immortal:
        raise StackProblem(f"Processes that cannot be ended: {', '.join(map(str, immortal))}. End them as their owner.")
    (settings.data / "supervisord.pid").unlink(missing_ok=True)
    return running is not None


def _shut_down(settings: Settings, running: psutil.Process) -> None:
    try:
        with supervision.supervisor(settings) as server:
            server.shutdown()
    except StackProblem:
        running.terminate()
    try:
        running.wait(_SECONDS)
    except psutil.TimeoutExpired:
        running.kill()
