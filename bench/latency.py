"""How long it takes from the collector's answer to the number in the report."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo.database import Database

from bench.tables import Figures, percentile
from contracts.names import Collection
from contracts.reports import Family
from stack.imports.sending import Door

TICK_SECONDS = 0.1
AFTER_SECONDS = 120.0


def latency_table() -> Figures:
    how = (
        "From the collector's acknowledgement to the event being counted in the stored traffic report, one shop, "
        "page views in requests every 0.1 s; a report is looked at every 0.1 s."
    )
    return Figures("Event to report", ("events/s", "seconds", "events", "p50", "p95", "longest", "batches"), how)


@dataclass(slots=True)
class Stream:
    """Sends `rate` page views a second for `seconds`; `sent_at[n]` is when the n-th was acknowledged."""

    door: Door
    rate: int
    seconds: float
    sent_at: list[float] = field(default_factory=list)

    def run(self) -> None:
        start, owed = time.monotonic(), 0.0
        while (elapsed := time.monotonic() - start) < self.seconds:
            owed = self.rate * elapsed - len(self.sent_at)
            if owed >= 1:
                batch = [_page_view() for _ in range(int(owed))]
                self.door.send(batch)
                self.sent_at += [time.monotonic()] * len(batch)
            time.sleep(TICK_SECONDS)


def _page_view() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    visitor = f"v{uuid4().int % 5_000}"
    return {
        "type": "page",
        "messageId": str(uuid4()),
        "anonymousId": visitor,
        "timestamp": now,
        "properties": {"path": "/"},
    }


def measure(database: Database[dict[str, Any]], merchant: str, door: Door, rate: int, seconds: float) -> list[float]:
    """Seconds from acknowledgement to report of every event sent; raises TimeoutError when some never came."""
    stream = Stream(door, rate, seconds)
    sender = threading.Thread(target=stream.run)
    before, counted = _counted(database, merchant), 0
    latencies: list[float] = []
    sender.start()
    deadline = time.monotonic() + seconds + AFTER_SECONDS
    while sender.is_alive() or counted < len(stream.sent_at):
        counted = _counted(database, merchant) - before
        now = time.monotonic()
        latencies += [now - at for at in stream.sent_at[len(latencies) : counted]]
        if now > deadline:
            raise TimeoutError(f"{len(stream.sent_at) - counted} of {len(stream.sent_at)} events are in no report")
        time.sleep(TICK_SECONDS)
    return latencies


def _counted(database: Database[dict[str, Any]], merchant: str) -> int:
    documents = database[Collection.REPORTS].find({"merchant": merchant, "family": Family.TRAFFIC}, {"hours": 1})
    return sum(hour["content"]["events"] for document in documents for hour in document["hours"].values())


def row(rate: int, seconds: float, latencies: list[float], batches: int) -> list[str]:
    seen = (percentile(latencies, 0.5), percentile(latencies, 0.95), max(latencies, default=0.0))
    texts = [f"{value:.1f} s" for value in seen]
    return [str(rate), f"{seconds:.0f}", f"{len(latencies):,}", *texts, str(batches)]
