"""The processes that work on a batch: its Spark driver, and those of Airflow that wait for it."""

import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psutil

from stack.waiting import wait_until


@dataclass(frozen=True)
class JobAtWork:
    """`driver` is a JVM. `caller`: what Airflow's task started; the driver itself, or who asked the one that stands."""

    driver: psutil.Process
    caller: psutil.Process

    def workers(self) -> list[psutil.Process]:
        """The task's process and the executor's worker above it: what is there between the job and the scheduler."""
        above = [parent for parent in self.caller.parents() if "airflow" in " ".join(parent.cmdline())]
        return [one for one in above if "scheduler" not in one.cmdline() and "supervisord" not in str(one.cmdline())]


def job_of(batch: int) -> JobAtWork:
    """The job that works on the batch; fails when there is none."""
    for job in _jobs(psutil.process_iter()):
        if _argument(job.caller.cmdline(), "--batch") == str(batch):
            return job
    raise AssertionError(f"no driver works on batch {batch}")


def any_job(supervisor: psutil.Process) -> JobAtWork | None:
    """A job that runs under this supervisor; None while there is none."""
    return next(_jobs(supervisor.children(recursive=True)), None)


def _jobs(processes: Iterable[psutil.Process]) -> Iterator[JobAtWork]:
    words = dict(_words(processes))
    standing = {_argument(said, "--socket"): one for one, said in words.items() if said[0].endswith("java")}
    for process, said in words.items():
        if "--batch" not in said and "--round" not in said:
            continue
        if said[0].endswith("java"):
            yield JobAtWork(process, process)
        asked = [standing[word] for word in said if word in standing]
        if asked and any(word.endswith("ask-driver") for word in said):
            yield JobAtWork(asked[0], process)


def _words(processes: Iterable[psutil.Process]) -> Iterator[tuple[psutil.Process, list[str]]]:
    for process in processes:
        try:
            if words := process.cmdline():
                yield process, words
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def kill_and_wait(processes: list[psutil.Process], seconds: float = 20) -> None:
    """SIGKILL to all of them at once."""
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(map(is_alive, processes)), seconds), f"still alive: {processes}"


def is_alive(process: psutil.Process) -> bool:
    """Whether it still does something; one that ended and that nobody asked about does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _argument(words: list[str], name: str) -> str | None:
    return words[words.index(name) + 1] if name in words[:-1] else None
