"""The processes that work on a batch: its Spark driver, and the Airflow worker that waits for it."""

import os
import signal

import psutil

from stack.waiting import wait_until


def driver_of(batch: int) -> psutil.Process:
    """The JVM of the job; fails when there is none."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words and words[0].endswith("java") and _argument(words, "--batch") == str(batch):
            return process
    raise AssertionError(f"no driver works on batch {batch}")


def any_driver(supervisor: psutil.Process) -> psutil.Process | None:
    """A JVM of any job that runs under this supervisor; None while there is none."""
    for process in supervisor.children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.NoSuchProcess:
            continue
        if words and words[0].endswith("java") and ("--batch" in words or "--round" in words):
            return process
    return None


def workers_of(batch: int) -> list[psutil.Process]:
    """The task's process and the executor's worker above it: what is there between the driver and the scheduler."""
    found = workers_above(driver_of(batch))
    assert found, f"nobody of Airflow waits for batch {batch}"
    return found


def workers_above(driver: psutil.Process) -> list[psutil.Process]:
    above = [parent for parent in driver.parents() if "airflow" in " ".join(parent.cmdline())]
    return [
        parent for parent in above if "scheduler" not in parent.cmdline() and "supervisord" not in str(parent.cmdline())
    ]


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
