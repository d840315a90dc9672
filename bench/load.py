"""Load by wrk, a program of its own, on a core of its own."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("load.lua")
_TIMEOUT_SECONDS = 10


def why_no_load() -> str | None:
    return None if shutil.which("wrk") else "wrk is not installed (apt-get install wrk)"


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw; `failed` counts answers of 400 and more, and requests without one."""

    requests: int
    failed: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def write_requests(file: Path, keys: list[str], bodies: Iterable[Any]) -> None:
    """What wrk sends, in turns with each of the keys."""
    with file.open("w") as lines:
        for number, body in enumerate(bodies):
            user = b64encode(f"{keys[number % len(keys)]}:".encode()).decode()
            lines.write(f"{user}\t{json.dumps(body, separators=(',', ':'))}\n")


def send(url: str, path: str, requests: Path, *, connections: int, seconds: float, core: int) -> Load:
    """Each connection sends its next request when the last one is answered."""
    options = [f"-c{connections}", f"-d{seconds:.0f}s", f"--timeout={_TIMEOUT_SECONDS}s", f"-s{_SCRIPT}"]
    command = ["taskset", "-c", str(core), "wrk", "-t1", *options, url, "--", str(requests), path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    return parsed(done.stdout)


def parsed(printed: str) -> Load:
    """The line of `load.lua` among what wrk prints."""
    line = next(line for line in printed.splitlines() if line.startswith("{"))
    found = json.loads(line)
    seconds = found["microseconds"] / 1_000_000
    return Load(found["requests"], found["failed"], seconds, found["p50"] / 1_000, found["p99"] / 1_000)
