"""Ends what a program leaves behind when it is killed: workers that would go on beside those of its successor.

The supervisor runs this as an event listener; each program has a process group of its own, named by its pid.
"""

import os
import signal
import sys

from supervisor import childutils


def main() -> None:
    while True:
        _, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        event = dict(pair.split(":", 1) for pair in payload.split("\n")[0].split())
        end_group(int(event["pid"]))
        childutils.listener.ok(sys.stdout)


def end_group(leader: int) -> None:
    """Kills what is left of the process group of a program that has ended."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left, which is the rule


if __name__ == "__main__":
    main()
