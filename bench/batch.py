"""CPU seconds of one batch, beside DuckDB doing the same sums over the same messages in the same run."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import psutil
from confluent_kafka.admin import AdminClient
from pymongo.database import Database

from bench.processes import DriverMeter, cpu_seconds
from bench.tables import Figures
from contracts.ledger import DONE
from contracts.names import Collection, DagId, Job
from contracts.settings import Settings
from stack.airflow_api import AirflowApi
from stack.demo.backlog import wait_until_done
from stack.imports.sending import REQUEST_MESSAGES, Door

WAIT_SECONDS = 900.0
PRODUCTS, VISITORS, HOURS = 2_000, 5_000, 3


def batch_table() -> Figures:
    how = (
        "One shop, events of three hours (70% page views, 20% products viewed, 8% added, 2% orders), all there before the "
        "batch begins; CPU of the Spark driver from its start, or from when it is asked, to the batch's end. DuckDB reads the same JSON from a file, drops "
        "copies and sums traffic, sales and quality by hour in memory: no archive, no order folding, no checks."
    )
    columns = ("events", "CPU", "CPU a million", "elapsed", "DuckDB CPU", "ratio")
    return Figures("One batch", columns, how)


@dataclass(frozen=True, slots=True)
class Measured:
    events: int
    cpu: float
    elapsed: float
    duckdb_cpu: float

    def row(self) -> list[str]:
        a_million = self.cpu / self.events * 1_000_000
        ratio = f"{self.cpu / max(self.duckdb_cpu, 0.01):,.0f}"
        texts = [f"{value:,.1f} s" for value in (self.cpu, a_million, self.elapsed, self.duckdb_cpu)]
        return [f"{self.events:,}", *texts, ratio]


def measure(settings: Settings, database: Database[dict[str, Any]], door: Door, count: int, scratch: Path) -> Measured:
    """Sends while the DAG is paused, so that all of it is one batch; returns once it is committed."""
    airflow = AirflowApi(settings)
    airflow.set_paused(DagId.PROCESS_EVENTS, True)
    messages = list(events(count))
    try:
        for start in range(0, count, REQUEST_MESSAGES):
            door.send(messages[start : start + REQUEST_MESSAGES])
    finally:
        airflow.set_paused(DagId.PROCESS_EVENTS, False)
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    with DriverMeter(lambda: drivers(settings)) as meter:
        wait_until_done(admin, database, WAIT_SECONDS)
    batch = database[Collection.BATCHES].find_one(
        {"dag": DagId.PROCESS_EVENTS, "state": {"$in": list(DONE)}}, sort=[("_id", -1)]
    )
    if batch is None or batch["messages"] != count:
        raise RuntimeError(f"The batch holds {batch and batch['messages']} messages, not the {count} that were sent.")
    if not meter.seconds:
        raise RuntimeError("No driver of process_events was seen at work: its CPU seconds are unknown.")
    elapsed = (batch["committed_at"] - batch["planned_at"]).total_seconds()
    return Measured(count, meter.seconds, elapsed, duckdb_seconds(messages, scratch / f"{count}.json"))


def drivers(settings: Settings) -> list[psutil.Process]:
    """JVMs that work on batches of this stack, or stand for them: its FOOTFALL_DATA tells it from others."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if "java" in words and (f"{Job.PROCESS_EVENTS}/job.py" in words or "spark_jobs/standing/driver.py" in words):
            try:
                if process.environ().get("FOOTFALL_DATA") == str(settings.data):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
    return found


def first_instant() -> datetime:
    """When the first of `events` happened."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)


def events(count: int, seed: str = "bench") -> Iterator[dict[str, Any]]:
    chance = Random(f"{seed}/{count}")
    start = first_instant()
    for number in range(count):
        at = start + timedelta(seconds=number * HOURS * 3600 / count)
        yield _event(chance, number, count, at)


def _event(chance: Random, number: int, count: int, at: datetime) -> dict[str, Any]:
    product = chance.randrange(PRODUCTS)
    facts = {"product_id": f"p{product}", "name": f"Product {product}", "price": 5 + product % 90, "category": "Bench"}
    kind = chance.choices(("page", "Product Viewed", "Product Added", "Order Completed"), (70, 20, 8, 2))[0]
    base = {
        "messageId": f"bench-{count}-{number}",
        "anonymousId": f"v{chance.randrange(VISITORS)}",
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "context": {"library": {"name": "footfall.js"}, "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"},
    }
    if kind == "page":
        return base | {"type": "page", "properties": {"path": f"/products/{product}", "title": f"Product {product}"}}
    order = {"order_id": f"o-{count}-{number}", "currency": "EUR", "tax": 1, "shipping": 4, "products": [facts]}
    return base | {"type": "track", "event": kind, "properties": order if kind == "Order Completed" else facts}


def duckdb_seconds(messages: list[dict[str, Any]], file: Path) -> float:
    """CPU seconds of DuckDB for the same hours: parse, drop copies, sum."""
    with file.open("w") as lines:
        lines.writelines(json.dumps(message) + "\n" for message in messages)
    process = psutil.Process()
    before, began = cpu_seconds(process), time.monotonic()
    with duckdb.connect() as connection:
        connection.execute(_SUMS, [str(file)]).fetchall()
    used = cpu_seconds(process) - before
    file.unlink()
    return used or time.monotonic() - began


_SUMS = """
WITH read AS (
    SELECT * FROM read_json(?, columns = {type: 'VARCHAR', event: 'VARCHAR', messageId: 'VARCHAR', anonymousId: 'VARCHAR',
        timestamp: 'TIMESTAMP', properties: 'STRUCT(order_id VARCHAR, products STRUCT(price DECIMAL(18,2))[])'},
        format = 'newline_delimited')
), unique_ones AS (
    SELECT *, row_number() OVER (PARTITION BY messageId, timestamp ORDER BY timestamp) AS place FROM read
)
SELECT date_trunc('hour', timestamp) AS hour, count(*) AS received, count(*) FILTER (place = 1) AS accepted,
    count(*) FILTER (place = 1 AND type = 'page') AS page_views, count(DISTINCT anonymousId) AS visitors,
    count(DISTINCT properties.order_id) AS orders,
    sum(list_sum(list_transform(properties.products, lambda line: line.price))) AS sales
FROM unique_ones GROUP BY hour
"""
