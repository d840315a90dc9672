"""What collecting costs: the collector beside other programs that do the same, on one core, with the same events."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from bench.batch import events
from bench.broker import pinned, running_broker, stored_messages
from bench.load import Load, send, why_no_load, write_requests
from bench.processes import cpu_seconds, with_children
from bench.rivals.servers import FASTAPI, FLASK, FLOOR, FORGETTING, LEFT_OUT, NGINX, OURS, Server, servers
from bench.tables import Figures
from contracts.keys import KeyKind
from contracts.settings import Settings
from stack.accounts import write_keys
from stack.local import ROOT, program_environment
from stack.parts.program import answers
from stack.waiting import wait_until

CONNECTIONS, SHOPS, EVENTS = 256, 16, 4_000
SERVER_CORE, LOAD_CORE = 0, 1
WARM_SECONDS, SECONDS, ROUNDS = 1.0, 5.0, 2
START_SECONDS, STOP_SECONDS = 60.0, 30.0
DOORS = {1: "/v1/track", 10: "/v1/batch"}
"""By the number of events in a request."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`cpu_us` is CPU microseconds an event, of all processes of the server."""

    name: str
    size: int
    load: Load
    cpu_us: float

    def row(self) -> list[str]:
        load = self.load
        latencies = [f"{value:.1f} ms" for value in (load.p50_ms, load.p99_ms)]
        figures = [f"{load.per_second:,.0f}", f"{load.per_second * self.size:,.0f}", f"{self.cpu_us:.1f}"]
        return [self.name, str(self.size), *figures, *latencies, f"{load.failed:,}"]


def collectors_table() -> Figures:
    how = (
        f"Measured on {datetime.now(UTC):%d %B %Y}. wrk with {CONNECTIONS} connections, each of which sends its next request when the last "
        f"one is answered, for {SECONDS:.0f} s; the same {EVENTS:,} events of {SHOPS} shops in turns. A server has one core to itself; broker and "
        f"wrk share the other. Of {ROUNDS} rounds the one with more requests a second. CPU is that of the server's own processes. Load average at the end, "
        f"with all else that the machine did: {os.getloadavg()[0]:.1f}. The collector that waits can be the quicker one, presumably because it answers in "
        "bursts, as acknowledgements come."
        f"\n\n{LEFT_OUT}"
    )
    columns = ("collector", "events a request", "requests/s", "events/s", "CPU µs an event", "p50", "p99", "failed")
    return Figures("Collectors", columns, how)


def measure_collectors(console: Console) -> list[Figures]:
    """The tables; one that says why where the load cannot be made here."""
    why_not = why_no_load() or (None if (os.cpu_count() or 1) > LOAD_CORE else "there is one core only")
    if why_not:
        table = collectors_table()
        table.rows.append(_not_measured("all", why_not))
        return [table]
    with running_broker(LOAD_CORE) as settings:
        found = best(_rounds(settings, console))
    table = collectors_table()
    for server in servers():
        table.rows += [found[server.name, size].row() for size in DOORS if (server.name, size) in found]
        if server.why_not:
            table.rows.append(_not_measured(server.name, server.why_not))
    return [table, aims_table(found)]


def _not_measured(name: str, why_not: str) -> list[str]:
    return [f"{name}: {why_not}", *["–"] * 7]


def best(found: Iterable[Measured]) -> dict[tuple[str, int], Measured]:
    """Of each server and size the one with the most requests a second."""
    by_rate = sorted(found, key=lambda one: one.load.per_second)
    return {(one.name, one.size): one for one in by_rate}


def _rounds(settings: Settings, console: Console) -> Iterator[Measured]:
    keys = [write_keys(f"shop-{number}", settings)[KeyKind.PAGE] for number in range(SHOPS)]
    files = {size: _requests(settings.data / f"requests-{size}", keys, size) for size in DOORS}
    for number in range(ROUNDS):
        for server in (one for one in servers() if one.why_not is None):
            console.print(f"Round {number + 1}: {server.name}")
            with _running(server, settings, keys) as process:
                for size in server.sizes:
                    yield _measured(server, size, files[size], process, settings)


def _requests(file: Path, keys: list[str], size: int) -> Path:
    messages = list(events(EVENTS, seed="collectors"))
    batches = [{"batch": messages[start : start + size]} for start in range(0, EVENTS, size)]
    write_requests(file, keys, messages if size == 1 else batches)
    return file


@contextmanager
def _running(server: Server, settings: Settings, keys: list[str]) -> Iterator[psutil.Process]:
    """The server's first process, once it is ready. Raises RuntimeError where it does not come to that."""
    log = settings.data / "server.log"
    command = pinned(SERVER_CORE, server.command(settings, keys))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=program_environment(settings), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        url = f"http://127.0.0.1:{settings.collector_port}/ready"
        if (
            not wait_until(lambda: process.poll() is not None or answers(url), START_SECONDS)
            or process.poll() is not None
        ):
            raise RuntimeError(f"{server.name} does not start: {log.read_text()[-2_000:]}")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _measured(server: Server, size: int, file: Path, process: psutil.Process, settings: Settings) -> Measured:
    """Raises RuntimeError where a server that says it waits for the broker has promised more than there is."""

    def load(seconds: float) -> Load:
        url = f"http://127.0.0.1:{settings.collector_port}"
        return send(url, DOORS[size], file, connections=CONNECTIONS, seconds=seconds, core=LOAD_CORE)

    load(WARM_SECONDS)
    stored, used = stored_messages(settings), _cpu(process)
    found = load(SECONDS)
    used = _cpu(process) - used
    promised = (found.requests - found.failed) * size
    if server.is_acknowledging and stored_messages(settings) - stored < promised:
        raise RuntimeError(f"{server.name} has acknowledged {promised:,} events that are not all in the topic.")
    return Measured(server.name, size, found, used / max(promised, 1) * 1_000_000)


def _cpu(process: psutil.Process) -> float:
    return sum(map(cpu_seconds, with_children([process])))


def aims_table(found: dict[tuple[str, int], Measured]) -> Figures:
    """What was aimed at beside what was measured; without a rival that is not installed."""
    how = (
        "From the same run. Other work on the machine moves these figures: one that is within a tenth of its aim may lie on the other "
        "side of it the next time."
    )
    if (FLOOR, 1) in found and (FLASK, 1) in found:
        most = found[FLOOR, 1].load.per_second / found[FLASK, 1].load.per_second
        how += (
            f" {FLOOR} are {most:.1f} × {FLASK}: that is what the collector could be if it checked and wrote nothing."
        )
    table = Figures("Aims of the collector", ("aim", "measured", "holds"), how)

    def add(aim: str, value: float, text: str, holds: bool) -> None:
        table.rows.append([aim, text.format(value), "yes" if holds else "no"])

    def times(other: str) -> float:
        return found[OURS, 1].load.per_second / found[other, 1].load.per_second

    ratio, p99 = times(FORGETTING), found[OURS, 1].load.p99_ms
    add(
        "at least 0.85 of the requests that are answered without waiting for the broker", ratio, "{:.2f}", ratio >= 0.85
    )
    add(f"p99 below 25 ms at {CONNECTIONS} connections, as many requests as it can take", p99, "{:.1f} ms", p99 < 25)
    for other, factor in ((FASTAPI, 3), (FLASK, 10)):
        if (other, 1) in found:
            add(f"{factor} × {other}", times(other), "{:.1f} ×", times(other) >= factor)
    if (NGINX, 10) in found:
        share = found[OURS, 10].cpu_us / found[NGINX, 10].cpu_us
        add(f"in batches of 10 less CPU an event than {NGINX}", share, "{:.2f} of its CPU", share < 1)
    return table
