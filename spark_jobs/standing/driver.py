"""A driver that stands: it works on one batch after another, and dies with whoever waits for one.

A driver that starts for its batch spends most of its time on loading Java's classes and on compiling what the one before has
compiled; on a batch of some hundred messages that is three quarters of it. This one is asked by `stack/bin/spark-submit`, at
a socket in the file system: `stack/bin/ask-driver` hands over a job's arguments and its own outputs, and waits for the exit
status. Everything else is as in a driver of one batch: a job that fails ends its driver, a driver whose caller is gone is
killed at once, with its JVM and whatever that was writing.
"""

import argparse
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pyspark.sql import SparkSession

from contracts.completeness import check_contracts
from contracts.names import ExitStatus
from contracts.settings import Settings
from spark_jobs.failures import log_to_stderr, run_job
from spark_jobs.process_events import job
from spark_jobs.session import open_session

LONGEST_SECONDS = 3_600
"""Then another one takes its place: what a session gathers, in memory and in Spark's temporary folder, goes with it."""
_QUIET_SECONDS = 3.0
"""Py4J lets go of the JVM's objects a second late: what it held right after a batch, shuffle files with it, goes then."""
_ASKED_SECONDS = 5.0
_PAUSE_SECONDS = 60
_REQUEST_BYTES = 65_536
_OUTPUTS = (1, 2)
log = logging.getLogger("footfall.driver")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where it is asked")
    parser.add_argument("--batches", type=int, required=True, help="after so many another one takes its place")
    arguments = parser.parse_args()
    log_to_stderr()
    settings = check_contracts()
    until = time.monotonic() + LONGEST_SECONDS
    door = _opened(arguments.socket)
    # who asks meanwhile waits at the door: it is faster than a start of its own
    spark = _session(settings, door, arguments.socket)
    arguments.socket.with_suffix(".pid").write_text(str(os.getpid()))
    log.info("stands")
    for _ in range(arguments.batches):
        call = _next_call(door, until, lambda: _collect_garbage(spark))
        _close(door, arguments.socket)
        if call is None:
            break
        _work(call, spark)
        _collect_garbage(spark)
        door = _opened(arguments.socket)
    _close(door, arguments.socket)
    spark.stop()


def _session(settings: Settings, door: socket.socket, path: Path) -> SparkSession:
    """A driver that cannot open one is started again after a while, not all the time."""
    try:
        return open_session("standing driver", settings)
    except Exception:
        _close(door, path)
        log.exception(
            "No session can be opened: batches start drivers of their own. Another try in %d s.", _PAUSE_SECONDS
        )
        time.sleep(_PAUSE_SECONDS)
        raise


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments` are those of the job; `outputs` the caller's standard output and error."""

    connection: socket.socket
    arguments: list[str]
    outputs: list[int]


def _opened(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    path.chmod(0o600)
    door.listen(1)
    return door


def _close(door: socket.socket, path: Path) -> None:
    """Who stands at the door, or comes, is told at once: a driver of its own is started."""
    path.unlink(missing_ok=True)
    door.close()


def _next_call(door: socket.socket, until: float, when_quiet: Callable[[], None]) -> Call | None:
    """The next whole call; None when its time is over. Whoever asks and goes away again is no call.

    `when_quiet` is called once, where nobody asks for a few seconds.
    """
    wait = _QUIET_SECONDS
    while (left := until - time.monotonic()) > 0:
        door.settimeout(min(left, wait))
        try:
            connection, _ = door.accept()
        except TimeoutError:
            if wait == _QUIET_SECONDS:
                when_quiet()
            wait = left
            continue
        try:
            return _read(connection)
        except (OSError, ValueError) as error:
            log.warning("a call was not understood: %s", error)
            connection.close()
    return None


def _read(connection: socket.socket) -> Call:
    """Raises OSError, ValueError; the caller's outputs are closed then: whoever reads them waits for their end."""
    connection.settimeout(_ASKED_SECONDS)
    content, outputs, _, _ = socket.recv_fds(connection, _REQUEST_BYTES, len(_OUTPUTS))
    with ExitStack() as closing:
        for output in outputs:
            closing.callback(os.close, output)
        arguments = json.loads(content)
        if len(outputs) != len(_OUTPUTS) or not isinstance(arguments, list):
            raise ValueError("it has no arguments, or no outputs")
        connection.sendall(b"taken\n")
        connection.settimeout(None)
        closing.pop_all()
    return Call(connection, [str(word) for word in arguments], list(outputs))


def _work(call: Call, spark: SparkSession) -> None:
    """Ends the process where the job fails."""
    log.info("works: %s", " ".join(call.arguments))
    is_done = threading.Event()
    threading.Thread(target=_die_with, args=(call.connection, is_done), name="caller", daemon=True).start()
    own = [os.dup(number) for number in _OUTPUTS]
    _redirect(call.outputs)
    sys.argv = [str(job.__file__), *call.arguments]
    status = _status(spark)
    is_done.set()
    _redirect(own)
    call.connection.sendall(f"{status}\n".encode())
    call.connection.close()
    if status != ExitStatus.DONE:
        log.warning("the job failed with status %d: another driver takes the place of this one", status)
        sys.exit(status)


def _status(spark: SparkSession) -> int:
    try:
        run_job(lambda: job.main(spark))
    except SystemExit as end:
        return cast(int, end.code)
    return ExitStatus.DONE


def _redirect(outputs: list[int]) -> None:
    """Closes the given descriptors."""
    sys.stdout.flush()
    sys.stderr.flush()
    for number, output in zip(_OUTPUTS, outputs, strict=True):
        os.dup2(output, number)
        os.close(output)


def _die_with(caller: socket.socket, is_done: threading.Event) -> None:
    """A caller says nothing more: an end of its stream is its own end. The JVM is killed, and this process dies with it."""
    with suppress(OSError):
        caller.recv(1)
    if not is_done.is_set():
        os.kill(os.getppid(), signal.SIGKILL)


def _collect_garbage(spark: SparkSession) -> None:
    """Also lets go of what Spark keeps of the batch for as long as somebody might ask for it."""
    gc.collect()
    cast(Any, spark.sparkContext._jvm).System.gc()


if __name__ == "__main__":
    main()
