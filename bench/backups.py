"""What a backup and a restore of many report documents cost, beside a plain full copy with pymongo. On two servers of its own."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, UpdateMany
from pymongo.database import Database

from backups.generations import begin, copy
from backups.proving import prove
from backups.restoring import restore
from backups.source import raw_collection
from backups.store import Store
from bench.processes import cpu_seconds
from bench.tables import Figures
from contracts.backups import BackupLine
from contracts.chunks import chunks
from stack.addresses import free_ports
from stack.parts import mongo
from stack.waiting import wait_until

Document = dict[str, Any]
DOCUMENTS = 1_000_000
_NAME, _COLLECTION = "bench", "reports"
_CHANGED_OF = 100
"""One document of so many changes until the second night."""
_SHRINK = 1.0
_PACKET = 1_000
_HOURS = 5
"""Of a document, so that it has some 1.4 KB."""
_START_SECONDS = 60.0
_WINDOW_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class Servers:
    """The main database's and the backup's; `processes` are both and this one."""

    main: Database[Document]
    backup: MongoClient[Document]
    processes: list[psutil.Process]


@dataclass(frozen=True, slots=True)
class Cost:
    documents: int
    elapsed: float
    cpu: float

    def row(self, name: str, first: "Cost") -> list[str]:
        pace = f"{self.documents / self.elapsed:,.0f}"
        return [
            name,
            f"{self.documents:,}",
            f"{self.elapsed:.1f} s",
            f"{self.cpu:.1f} s",
            pace,
            f"{self.cpu / first.cpu:.0%}",
        ]


def backup_table(documents: int) -> Figures:
    how = (
        f"{documents:,} report documents of 1.4 KB on a server of their own, the backup on another; CPU of both servers and of the program. Of the second "
        "night one document in a hundred has changed. The plain copy reads and inserts the same bytes: no hashes, no rows, no proof."
    )
    columns = ("step", "documents", "elapsed", "CPU", "documents/s", "of the first copy's CPU")
    return Figures("Backup and restore", columns, how)


def measure_backups(documents: int) -> Figures:
    table = backup_table(documents)
    with _servers() as servers:
        _fill(servers.main, documents)
        store = Store(servers.backup, BackupLine.NIGHTLY, _NAME)
        plain = _measured(servers, documents, lambda: _plain_copy(servers))
        first, proof = _night(servers, store, documents, "first")
        _change(servers.main, documents)
        second, second_proof = _night(servers, store, documents // _CHANGED_OF, "second")
        newest = store.generations()[0]["_id"]
        target = servers.main.client["restored"]
        back = _measured(servers, documents, lambda: restore(store, newest, target, lambda *_: None))
    steps = {
        "a plain copy": plain,
        "the first copy": first,
        "its proof": proof,
        "the second night's copy": second,
        "its proof, a seventh of the rest with it": second_proof,
        "a restore": back,
    }
    table.rows += [cost.row(name, first) for name, cost in steps.items()]
    return table


def _night(servers: Servers, store: Store, documents: int, run: str) -> tuple[Cost, Cost]:
    """(copy, proof) of so many documents that changed."""
    number = begin(store, servers.main, run)
    copied = _measured(servers, documents, lambda: copy(store, servers.main, number, run))
    return copied, _measured(servers, documents, lambda: prove(store, servers.main, number, run, _SHRINK))


def _measured(servers: Servers, documents: int, work: Any) -> Cost:
    began, before = time.monotonic(), _cpu(servers)
    work()
    return Cost(documents, time.monotonic() - began, _cpu(servers) - before)


def _cpu(servers: Servers) -> float:
    return sum(map(cpu_seconds, servers.processes))


@contextmanager
def _servers() -> Iterator[Servers]:
    """Two replica sets of one, with as little cache as in the local stack."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="footfall-bench-")))
        uris = [f"mongodb://127.0.0.1:{port}/?directConnection=true" for port in free_ports(2)]
        processes = [stack.enter_context(_server(folder / str(n), uri)) for n, uri in enumerate(uris)]
        main, backup = (stack.enter_context(MongoClient[Document](uri, tz_aware=True)) for uri in uris)
        yield Servers(main[_NAME], backup, [psutil.Process(os.getpid()), *processes])


@contextmanager
def _server(folder: Path, uri: str) -> Iterator[psutil.Process]:
    folder.mkdir()
    process = subprocess.Popen(
        mongo.run_command(folder, uri, window_seconds=_WINDOW_SECONDS), stdout=subprocess.DEVNULL
    )
    try:
        if not wait_until(lambda: mongo.is_answering(uri), _START_SECONDS):
            raise RuntimeError("A database for the measurement did not start.")
        mongo.initiate(uri)
        if not wait_until(lambda: mongo.is_writable(uri), _START_SECONDS):
            raise RuntimeError("A database for the measurement elected nobody.")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _fill(database: Database[Document], documents: int) -> None:
    for numbers in chunks(range(documents), _PACKET):
        database[_COLLECTION].insert_many([_report(number) for number in numbers], ordered=False)


def _report(number: int) -> Document:
    """As long as a report of a shop's hours, and no two alike."""
    shop = f"shop-{number % 1000:03d}"
    content = {"events": number, "page_views": number * 3, "visitors": number % 977, "cookieless": number % 53}
    receipt = {"received": number, "accepted": number, "run": "process_events/1", "batch": number % 10_000}
    hour = {"content": content, "receipt": receipt, "extra": {"sketch": number.to_bytes(8, "big") * 8}}
    return {
        "_id": f"{shop}/1/traffic/{number // 1000}",
        "merchant": shop,
        "changed": 0,
        "at": datetime(2026, 11, 24, tzinfo=UTC),
        "hours": {f"2026-11-24T{place:02d}:00Z": hour for place in range(_HOURS)},
    }


def _change(database: Database[Document], documents: int) -> None:
    """One document in a hundred, spread over all."""
    days = range(0, -(-documents // 1000), 10)
    shops = [f"shop-{number:03d}" for number in range(0, 1000, _CHANGED_OF // 10)]
    ids = [f"{shop}/1/traffic/{day}" for day in days for shop in shops]
    writes = [UpdateMany({"_id": {"$in": some}}, {"$inc": {"changed": 1}}) for some in chunks(ids, _PACKET)]
    database[_COLLECTION].bulk_write(writes)


def _plain_copy(servers: Servers) -> None:
    target = raw_collection(servers.backup["plain"], _COLLECTION)
    found: Iterator[RawBSONDocument] = iter(raw_collection(servers.main, _COLLECTION).find({}, batch_size=_PACKET))
    for documents in chunks(found, _PACKET):
        target.insert_many(documents, ordered=False)
