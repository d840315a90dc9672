"""Times that are not the client's are decided once for all copies of a message, before the archive is written.

The first arrival processed decides; a copy with a trusted clock, in this batch or in the archive, comes before that.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.archive import TimeSource
from contracts.chunks import chunks
from contracts.names import Collection, Outcome
from spark_jobs.archive import Snapshot, read_at, within
from spark_jobs.database import Document
from spark_jobs.frames import frame

ASSIGNED = "merchant string, message_id string, client_time timestamp, assigned_time timestamp"
_KEY = ("merchant", "message_id", "client_time")
_CHUNK = 10_000
Key = tuple[str, str, datetime | None]
Decide = Callable[[Database[Document], dict[Key, datetime]], dict[Key, datetime]]
"""From proposed times to those that stand."""


def decided_for_good(database: Database[Document], proposed: dict[Key, datetime]) -> dict[Key, datetime]:
    """Inserts what is absent and returns what stands: another attempt may have decided before."""
    collection = database[Collection.ASSIGNED_TIMES]
    ids = {_id(key): key for key in proposed}
    now = datetime.now(UTC)
    for chunk in chunks(ids.items(), _CHUNK):
        writes = [
            UpdateOne({"_id": id_}, {"$setOnInsert": _entry(key, proposed[key], now)}, upsert=True)
            for id_, key in chunk
        ]
        collection.bulk_write(writes, ordered=False)
    return _standing(database, ids)


def decide_again(database: Database[Document], rows: DataFrame) -> None:
    """Notes the times that rows of the archive took over, where no decision about their messages stands."""
    is_decided = (F.col("outcome") != Outcome.REJECTED) & (F.col("time_source") != TimeSource.CLIENT)
    first = F.min_by("event_time", F.struct("batch", "received_at", "envelope_id")).alias("event_time")
    decided = _rows(rows.where(is_decided).groupBy(*_KEY).agg(first))
    decided_for_good(database, {_key(row): row["event_time"] for row in decided})


def foreseen(database: Database[Document], proposed: dict[Key, datetime]) -> dict[Key, datetime]:
    """What would stand if it was decided now; nothing is written."""
    return proposed | _standing(database, {_id(key): key for key in proposed})


def _standing(database: Database[Document], ids: dict[str, Key]) -> dict[Key, datetime]:
    found: dict[Key, datetime] = {}
    for chunk in chunks(ids.items(), _CHUNK):
        for document in database[Collection.ASSIGNED_TIMES].find({"_id": {"$in": [id_ for id_, _ in chunk]}}):
            found[ids[document["_id"]]] = document["event_time"]
    return found


def resolve(
    spark: SparkSession,
    database: Database[Document],
    arrivals: DataFrame,
    batch: int,
    snapshot: Snapshot | None,
    decide: Decide = decided_for_good,
) -> DataFrame | None:
    """Rows of `ASSIGNED` for the batch's messages whose time is decided elsewhere; None where there is none."""
    used = arrivals.where(F.col("outcome") != Outcome.REJECTED)
    own = _own_times(used)
    known = _known_times(database, _client_hours(used))
    open_keys = [key for key in own if key not in known]
    if not own and not known:
        return None
    trusted = _trusted_copies(spark, used, batch, snapshot, [key for key in open_keys if key[2] is not None])
    decided = decide(database, {key: own[key] for key in open_keys if key not in trusted})
    times = {**known, **decided, **{key: key[2] for key in trusted}}
    return frame(spark, [(*key, at) for key, at in times.items()], ASSIGNED)


def _own_times(used: DataFrame) -> dict[Key, datetime]:
    """Of each message whose event time is not the client's: the time that its first arrival here would give it."""
    first = F.min_by("event_time", F.struct("received_at", "envelope_id")).alias("event_time")
    corrected = used.where(F.col("time_source") != TimeSource.CLIENT).groupBy(*_KEY).agg(first)
    return {_key(row): row["event_time"] for row in _rows(corrected)}


def _client_hours(used: DataFrame) -> list[dict[str, Any]]:
    return _rows(used.select("merchant", F.date_trunc("HOUR", "client_time").alias("client_hour")).distinct())


def _known_times(database: Database[Document], hours: list[dict[str, Any]]) -> dict[Key, datetime]:
    by_merchant: dict[str, list[datetime]] = {}
    for row in hours:
        if row["client_hour"] is not None:
            by_merchant.setdefault(row["merchant"], []).append(row["client_hour"])
    found: dict[Key, datetime] = {}
    for merchant, client_hours in by_merchant.items():
        query = {"merchant": merchant, "client_hour": {"$in": client_hours}}
        for document in database[Collection.ASSIGNED_TIMES].find(query):
            found[_key(document)] = document["event_time"]
    return found


def _trusted_copies(
    spark: SparkSession, used: DataFrame, batch: int, snapshot: Snapshot | None, keys: list[Key]
) -> set[Key]:
    """Those of the keys of which a copy with a trusted clock is in the batch or in the archive."""
    if not keys:
        return set()
    wanted = F.broadcast(frame(spark, keys, "merchant string, message_id string, client_time timestamp"))
    candidates = used.where(F.col("time_source") == TimeSource.CLIENT).select(*_KEY)
    if snapshot is not None:
        candidates = candidates.unionByName(_archived_candidates(spark, snapshot, batch, keys))
    return {_key(row) for row in _rows(candidates.join(wanted, on=list(_KEY), how="left_semi").distinct())}


def _archived_candidates(spark: SparkSession, snapshot: Snapshot, batch: int, keys: list[Key]) -> DataFrame:
    hours = {_hour(client_time) for _, _, client_time in keys if client_time is not None}
    merchants = sorted({merchant for merchant, _, _ in keys})
    return (
        read_at(spark, snapshot)
        .where(within("event_time", [(hour, hour + timedelta(hours=1)) for hour in hours]))
        .where(F.col("merchant").isin(merchants) & (F.col("batch") != batch))
        .where((F.col("outcome") != Outcome.REJECTED) & (F.col("time_source") == TimeSource.CLIENT))
        .select(*_KEY)
    )


def _entry(key: Key, event_time: datetime, now: datetime) -> Document:
    merchant, message_id, client_time = key
    return {
        "merchant": merchant,
        "message_id": message_id,
        "client_time": client_time,
        "client_hour": None if client_time is None else _hour(client_time),
        "event_time": event_time,
        "created_at": now,
    }


def _id(key: Key) -> str:
    merchant, message_id, client_time = key
    stamp = "" if client_time is None else client_time.astimezone(UTC).isoformat()
    return f"{merchant}/{hashlib.sha256(f'{stamp}/{message_id}'.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _hour(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _key(row: dict[str, Any]) -> Key:
    client_time = row["client_time"]
    return (row["merchant"], row["message_id"], None if client_time is None else client_time.astimezone(UTC))


def _rows(frame: DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.toArrow().to_pylist()
    return rows
