"""The supervisor (supervisord): its configuration, and what we ask of it."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil

from contracts.settings import Settings
from stack import secret_files
from stack.parts.program import Group, Program
from stack.problems import StackProblem

USER = "footfall"
_SERVER = """\
[supervisord]
logfile={data}/logs/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={data}/supervisord.pid
childlogdir={data}/logs
directory={root}
minfds=4096
{user}
[inet_http_server]
port=127.0.0.1:{port}
username={name}
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """
[program:{name}]
command={command}
directory={root}
environment={environment}
autostart=false
autorestart=true
startsecs=1
startretries=30
stopasgroup=true
killasgroup=true
stopwaitsecs={stop_seconds}
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""
_LISTENER = """
[eventlistener:orphans]
command={python} -m stack.orphans
directory={root}
events=PROCESS_STATE_EXITED
autorestart=true
stderr_logfile={log}
stderr_logfile_maxbytes=1MB
"""
_GROUP = """
[group:{name}]
programs={programs}
priority={priority}
"""
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class ProcessState:
    """`state` in the supervisor's words: RUNNING, STARTING, BACKOFF, STOPPED, EXITED, FATAL."""

    name: str
    state: str
    pid: int
    seconds: int
    why: str


def log_file(settings: Settings, name: str) -> Path:
    return settings.data / "logs" / f"{name}.log"


def configuration(settings: Settings, programs: Sequence[Program], password: str, *, is_root: bool) -> str:
    """supervisord.conf; no program starts by itself, each that was started comes back."""
    parts = [
        _SERVER.format(
            data=_text(settings.data),
            root=_text(ROOT),
            port=settings.supervisor_port,
            name=USER,
            password=password,
            user="user=root\n" if is_root else "",
        )
    ]
    parts += [_program(program, settings) for program in programs]
    parts.append(_LISTENER.format(python=sys.executable, root=_text(ROOT), log=_text(log_file(settings, "orphans"))))
    for priority, group in enumerate(Group, start=1):
        names = [program.name for program in programs if program.group == group]
        if names:
            parts.append(_GROUP.format(name=group, programs=",".join(names), priority=priority))
    return "".join(parts)


def _program(program: Program, settings: Settings) -> str:
    pairs = [f'{name}="{_text(value)}"' for name, value in program.environment.items()]
    return _PROGRAM.format(
        name=program.name,
        command=_text(shlex.join(program.command)),
        root=_text(ROOT),
        environment=",".join(pairs),
        stop_seconds=program.stop_seconds,
        log=_text(log_file(settings, program.name)),
    )


def _text(value: object) -> str:
    """supervisord expands % in every value."""
    return str(value).replace("%", "%%")


def write_configuration(settings: Settings, programs: Sequence[Program]) -> None:
    (settings.data / "logs").mkdir(parents=True, exist_ok=True)
    password = secret_files.read(settings.data, "supervisor_password")
    text = configuration(settings, programs, password, is_root=os.geteuid() == 0)
    secret_files.write_private(settings.data / "supervisord.conf", text)


def launch(settings: Settings, environment: dict[str, str]) -> None:
    """Starts supervisord in the background; raises StackProblem."""
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings.data / "supervisord.conf")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise StackProblem(f"supervisord did not start: {(done.stdout + done.stderr).strip()[-500:]}")


def running_supervisor(settings: Settings) -> psutil.Process | None:
    """The supervisord of this stack, if it runs."""
    try:
        found = psutil.Process(int((settings.data / "supervisord.pid").read_text()))
        return found if str(settings.data / "supervisord.conf") in found.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


@contextmanager
def supervisor(settings: Settings) -> Iterator[Any]:
    """Its XML-RPC interface; raises StackProblem where it does not answer or refuses."""
    password = secret_files.read(settings.data, "supervisor_password")
    try:
        with ServerProxy(f"http://{USER}:{password}@127.0.0.1:{settings.supervisor_port}/RPC2") as server:
            yield server.supervisor
    except Fault as fault:
        raise StackProblem(f"The supervisor refuses: {fault.faultString}.") from None
    except (OSError, HTTPException) as error:
        raise StackProblem(
            f"The supervisor does not answer: {error}. Is the stack running? `footfall status`"
        ) from None


def start(settings: Settings, program: Program) -> None:
    with supervisor(settings) as server:
        server.startProcess(program.process, False)


def stop(settings: Settings, process: str) -> None:
    """Returns when it has ended."""
    with supervisor(settings) as server:
        server.stopProcess(process, True)


def states(settings: Settings) -> dict[str, ProcessState]:
    """Of every program, by its name."""
    with supervisor(settings) as server:
        found = server.getAllProcessInfo()
    return {
        info["name"]: ProcessState(
            info["name"], info["statename"], info["pid"], max(info["now"] - info["start"], 0), info["spawnerr"]
        )
        for info in found
    }
