"""What must be true before anything starts; each check says what is wrong and what to do about it."""

import shutil
from collections import defaultdict
from collections.abc import Iterator

import psutil

from contracts.settings import Settings
from stack.addresses import is_free
from stack.java import require_java
from stack.leftovers import processes_of, session_of
from stack.parts import mongo
from stack.problems import StackProblem
from stack.programs import ports
from stack.supervision import running_supervisor

MIN_FREE_BYTES = 2 * 1024**3


def check_before_start(settings: Settings) -> None:
    """Raises StackProblem with everything that is in the way."""
    found = [*_running(settings)] or [*_java(), *_programs(), *busy_ports(settings), *_disk(settings)]
    if found:
        raise StackProblem("Nothing was started:\n" + "\n".join(f"- {problem}" for problem in found))


def _running(settings: Settings) -> Iterator[str]:
    if running_supervisor(settings):
        yield f"The stack of {settings.data} runs already: `footfall status` shows it, `footfall down` stops it."
    elif leftovers := processes_of(settings, session_of(settings)):
        pids = ", ".join(str(process.pid) for process in leftovers[:10])
        yield f"Programs of an earlier start still run (pid {pids}): `footfall down` ends them."


def _java() -> Iterator[str]:
    try:
        require_java()
    except StackProblem as problem:
        yield str(problem)


def _programs() -> Iterator[str]:
    try:
        mongo.program()
    except StackProblem as problem:
        yield str(problem)


def busy_ports(settings: Settings) -> Iterator[str]:
    """Ports that two parts of ours want, or that somebody else has."""
    wanted: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for port, part, setting in ports(settings):
        wanted[port].append((part, setting))
    for port, users in sorted(wanted.items()):
        names = " and ".join(dict.fromkeys(setting for _, setting in users))
        if len(users) > 1:
            yield f"Port {port} is wanted by {' and '.join(part for part, _ in users)}: change {names}."
        elif not is_free(port):
            yield f"Port {port} ({users[0][0]}) is in use{_by_whom(port)}: stop that program, or set {names}."


def _by_whom(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            is_listener = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if is_listener and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""  # another user's program: only its port is known
    return ""


def _disk(settings: Settings) -> Iterator[str]:
    folder = next(place for place in (settings.data, *settings.data.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        yield (
            f"Only {free / 1024**3:.1f} GB are free in {folder}, and the stack needs {MIN_FREE_BYTES / 1024**3:.0f}: "
            "make room, or let FOOTFALL_DATA name a folder on another disk."
        )
