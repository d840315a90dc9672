"""The batches that the archive holds, as far as a restored ledger may not know them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.ledger import FINAL
from contracts.names import Collection, DagId, Outcome
from spark_jobs.archive import Snapshot, read_at, within
from spark_jobs.database import Document
from spark_jobs.process_events.batch import HOUR

MARGIN = 1_000
"""Entries that were being inserted when the backup was taken may have smaller numbers than the newest in it."""


@dataclass(frozen=True, slots=True)
class ArchivedBatch:
    """What the archive says of one batch; `hours` are the UTC hours that hold its rows."""

    id: int
    ranges: Mapping[str, list[int]]
    hours: list[datetime]
    counts: Mapping[str, int]
    newest_at: datetime


def read_unfinished(spark: SparkSession, database: Database[Document], snapshot: Snapshot) -> list[ArchivedBatch]:
    """Those that the ledger does not know, or does not know as final; by their numbers."""
    final = _ids(database, {"state": {"$in": list(FINAL)}})
    rows = read_at(spark, snapshot).where(F.col("batch") >= _oldest(database))
    batches = _archived(rows.where(~F.col("batch").isin(sorted(final))) if final else rows)
    return sorted(batches, key=lambda batch: batch.id)


def rows_of(spark: SparkSession, snapshot: Snapshot, batches: Iterable[ArchivedBatch]) -> DataFrame:
    """The batches' rows as they stand in the archive."""
    wanted = list(batches)
    hours = [(hour, hour + HOUR) for hour in sorted({hour for batch in wanted for hour in batch.hours})]
    is_of_them = F.col("batch").isin([batch.id for batch in wanted])
    return read_at(spark, snapshot).where(within("event_time", hours) & is_of_them)


def _oldest(database: Database[Document]) -> int:
    """No batch with a smaller number can be missing."""
    of_events = {"dag": DagId.PROCESS_EVENTS}
    newest = database[Collection.BATCHES].find_one(of_events, {"_id": 1}, sort=[("_id", -1)])
    oldest_open = database[Collection.BATCHES].find_one(
        {**of_events, "state": {"$nin": list(FINAL)}}, {"_id": 1}, sort=[("_id", 1)]
    )
    return min(one["_id"] for one in (newest, oldest_open) if one) - MARGIN if newest else 0


def _ids(database: Database[Document], query: Document) -> set[int]:
    of_events = {"dag": DagId.PROCESS_EVENTS, "_id": {"$gte": _oldest(database)}}
    return {one["_id"] for one in database[Collection.BATCHES].find({**of_events, **query}, {"_id": 1})}


def _archived(rows: DataFrame) -> list[ArchivedBatch]:
    grouped = rows.groupBy("batch", "partition").agg(
        F.min("offset").alias("first"),
        F.max("offset").alias("last"),
        F.max("kafka_time").alias("newest_at"),
        F.collect_set(F.date_trunc("HOUR", "event_time")).alias("hours"),
        F.count("*").alias("messages"),
        F.count_if(F.col("outcome") == Outcome.REJECTED).alias("rejected"),
        F.count_if("is_returned").alias("returned"),
    )
    parts: dict[int, list[dict[str, Any]]] = {}
    for row in grouped.toArrow().to_pylist():
        parts.setdefault(row["batch"], []).append(row)
    return [_batch(id_, found) for id_, found in parts.items()]


def _batch(id_: int, parts: list[dict[str, Any]]) -> ArchivedBatch:
    """Rows that were erased from the middle of a range do not open it."""
    return ArchivedBatch(
        id_,
        {str(part["partition"]): [part["first"], part["last"] + 1] for part in parts},
        sorted({hour.astimezone(UTC) for part in parts for hour in part["hours"]}),
        {name: sum(part[name] for part in parts) for name in ("messages", "rejected", "returned")},
        max(part["newest_at"] for part in parts).astimezone(UTC),
    )
