"""The end of what nobody reads any more: old snapshots, files that belong to none, and manifests that are too many."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.archive import CATALOG, TABLE
from contracts.names import Collection
from spark_jobs.database import Document
from spark_jobs.iceberg import each, table

LEAST_ORPHAN_HOURS = 24
"""Iceberg refuses less: a file is written before the snapshot that it belongs to."""
_NAME = TABLE.removeprefix(f"{CATALOG}.")
log = logging.getLogger("footfall.job")


def expire_snapshots(
    spark: SparkSession, database: Database[Document], own: int | str, hours: int, now: datetime
) -> int:
    """Removes the snapshots that are older than `hours` and that no job in flight can have pinned; answers how many."""
    archive = table(spark)
    times = sorted(int(snapshot.timestampMillis()) for snapshot in each(archive.snapshots().iterator()))
    oldest = oldest_kept(times, min([now - timedelta(hours=hours), *in_flight_since(database, own, now)]))
    expired = sum(time < oldest for time in times)
    if expired:
        archive.expireSnapshots().expireOlderThan(oldest).retainLast(1).commit()
    return expired


def oldest_kept(times: Iterable[int], needed_from: datetime) -> int:
    """The time (ms) of the snapshot that was the newest at `needed_from`, else of the oldest: a job that began then reads it."""
    listed = sorted(times)
    limit = int(needed_from.timestamp() * 1000)
    return max((time for time in listed if time <= limit), default=listed[0] if listed else 0)


def in_flight_since(database: Database[Document], own: int | str, now: datetime) -> list[datetime]:
    """When the entries that somebody works on were taken: no job of theirs can have pinned what was over before."""
    held = {"lease.until": {"$gt": now}, "_id": {"$ne": own}}
    found = database[Collection.BATCHES].find(held, {"taken_at": 1, "planned_at": 1})
    return [entry.get("taken_at") or entry["planned_at"] for entry in found]


def remove_unknown_files(spark: SparkSession, before: datetime) -> int:
    """The same as `remove_orphans` without its least age: for whoever knows that nobody writes a file of before that time."""
    actions = spark._jvm.org.apache.iceberg.spark.actions.SparkActions.get(spark._jsparkSession)  # type: ignore[union-attr]
    done = actions.deleteOrphanFiles(table(spark)).olderThan(int(before.timestamp() * 1000)).execute()
    return sum(1 for _ in each(done.orphanFileLocations().iterator()))


def oldest_sequence(spark: SparkSession) -> int | None:
    """That of the oldest state that can be read; None while there is none."""
    return min((int(snapshot.sequenceNumber()) for snapshot in each(table(spark).snapshots().iterator())), default=None)


def gather_manifests(spark: SparkSession) -> None:
    """Few manifests, each of hours that lie together, so that a job reads those of its hours only."""
    spark.sql(f"CALL {CATALOG}.system.rewrite_manifests(table => '{_NAME}', use_caching => false)")


def remove_orphans(spark: SparkSession, hours: int, now: datetime) -> int:
    """Files below the archive's folder that no snapshot knows and that are older than `hours`; answers how many."""
    before = now - timedelta(hours=max(hours, LEAST_ORPHAN_HOURS))
    until = before.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    removed = spark.sql(
        f"CALL {CATALOG}.system.remove_orphan_files(table => '{_NAME}', older_than => TIMESTAMP '{until}')"
    ).count()
    log.info("orphans removed=%d", removed)
    return removed
