"""`python -m bench`: a stack of its own, measured; prints the tables and writes docs/bench.md."""

import argparse
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka.admin import AdminClient
from pymongo.database import Database
from rich.console import Console

from bench.backups import DOCUMENTS, measure_backups
from bench.batch import batch_table
from bench.batch import measure as measure_batch
from bench.collectors import measure_collectors
from bench.growth import measure_growth
from bench.idle import idle_table
from bench.latency import latency_table, row
from bench.latency import measure as measure_latency
from bench.tables import Figures, replace_sections, write_document
from contracts.keys import KeyKind
from contracts.names import Collection, Topic
from contracts.settings import Settings
from stack import supervision
from stack.accounts import create_shop, write_keys
from stack.database import open_database
from stack.demo.backlog import wait_until_done
from stack.imports.sending import Door
from stack.local import environment_on_free_ports, local_settings
from stack.preparing import prepare
from stack.starting import start_stack
from stack.stopping import stop_stack

DOCUMENT = Path(__file__).parents[1] / "docs" / "bench.md"
RATES = (10, 200)
BATCHES = (1_000, 20_000, 200_000)
OF_STACK = ("latency", "batches", "idle")
PARTS = (*OF_STACK, "growth", "backups", "collectors")
SETTLE_SECONDS = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=90.0, help="length of each stream, and of the idle look")
    parser.add_argument("--batches", type=int, nargs="*", default=list(BATCHES), help="events of each batch")
    parser.add_argument("--before", type=int, default=10_000, help="batches before the one that is measured after many")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="report documents that are backed up")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}"
    )
    options = parser.parse_args()
    console = Console()
    tables = _tables(options, console)
    for table in tables:
        table.show(console)
    if set(options.only) == set(PARTS):
        write_document(DOCUMENT, _introduction(), tables)
    else:
        replace_sections(DOCUMENT, tables)


def _tables(options: argparse.Namespace, console: Console) -> list[Figures]:
    wanted, found = set(options.only), []
    if wanted & set(OF_STACK):
        found += _of_stack(wanted, options, console)
    if "growth" in wanted:
        found.append(_growth(options.before, console))
    if "backups" in wanted:
        found.append(_backups(options.documents, console))
    if "collectors" in wanted:
        found += measure_collectors(console)
    return found


def _of_stack(wanted: set[str], options: argparse.Namespace, console: Console) -> list[Figures]:
    """In the order of the document."""
    with _stack(console) as settings:
        database = open_database(settings)
        _warm_up(settings, database)
        measures: dict[str, Callable[[], Figures]] = {
            "latency": lambda: _latency(settings, database, options.seconds, console),
            "batches": lambda: _batches(settings, database, options.batches, console),
            "idle": lambda: _idle(settings, options.seconds, console),
        }
        return [measures[part]() for part in OF_STACK if part in wanted]


def _growth(before: int, console: Console) -> Figures:
    """Rounds of day reports between the batches come soon: they are waited for, and not measured."""
    with _stack(console, FOOTFALL_DAY_PACE_FACTOR="0.5") as settings:
        database = open_database(settings)
        _warm_up(settings, database)
        console.print(f"A batch after {before:,} batches")
        return measure_growth(settings, database, _door(settings, database, "growth"), before, "growth")


@contextmanager
def _stack(console: Console, **own: str) -> Iterator[Settings]:
    """A stack on free ports, with settings of its own, stopped and removed afterwards."""
    data = Path(tempfile.mkdtemp(prefix="footfall-bench-"))
    settings = local_settings(environment_on_free_ports(data) | own)
    prepare(settings, console.print)
    start_stack(settings, lambda name, seconds: console.print(f"{name:<24} {seconds:5.1f} s"))
    try:
        yield settings
    finally:
        stop_stack(settings)
        shutil.rmtree(data, ignore_errors=True)


def _door(settings: Settings, database: Database[dict[str, Any]], merchant: str) -> Door:
    """A new shop's door."""
    create_shop(database, merchant, merchant, "Europe/Berlin", "EUR")
    return Door(settings.public_collector_url, write_keys(merchant, settings)[KeyKind.SERVER])


def _settle(settings: Settings, database: Database[dict[str, Any]]) -> None:
    wait_until_done(AdminClient({"bootstrap.servers": settings.kafka_bootstrap}), database, SETTLE_SECONDS)


def _warm_up(settings: Settings, database: Database[dict[str, Any]]) -> None:
    """The first run of each job makes the archive of its classes: it is no measurement."""
    _door(settings, database, "warm-up").send([{"type": "page", "anonymousId": "v"}])
    _settle(settings, database)


def _latency(settings: Settings, database: Database[dict[str, Any]], seconds: float, console: Console) -> Figures:
    table = latency_table()
    for rate in RATES:
        console.print(f"{rate} events/s for {seconds:.0f} s")
        merchant = f"stream-{rate}"
        door, before = _door(settings, database, merchant), _batch_count(database)
        found = measure_latency(database, merchant, door, rate, seconds)
        table.rows.append(row(rate, seconds, found, _batch_count(database) - before))
        _settle(settings, database)
    return table


def _batch_count(database: Database[dict[str, Any]]) -> int:
    return database[Collection.BATCHES].count_documents({"topic": Topic.EVENTS})


def _batches(settings: Settings, database: Database[dict[str, Any]], counts: list[int], console: Console) -> Figures:
    table = batch_table()
    for count in counts:
        console.print(f"A batch of {count:,} events")
        door = _door(settings, database, f"batch-{count}")
        table.rows.append(measure_batch(settings, database, door, count, settings.data).row())
    return table


def _idle(settings: Settings, seconds: float, console: Console) -> Figures:
    console.print(f"Nothing for {seconds:.0f} s")
    parts = {
        name: [psutil.Process(state.pid)]
        for name, state in supervision.states(settings).items()
        if state.pid and state.state == "RUNNING"
    }
    return idle_table(parts, seconds)


def _backups(documents: int, console: Console) -> Figures:
    console.print(f"A backup and a restore of {documents:,} documents")
    return measure_backups(documents)


def _introduction() -> str:
    memory = psutil.virtual_memory().total / 1024**3
    return (
        "# Measurements\n\n"
        f"Made by `make bench` on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory:.0f} GiB, the whole stack on one machine. Elapsed times of such a machine are noisy: trust ratios and CPU "
        "seconds."
    )


if __name__ == "__main__":
    main()
