"""Rows of days beyond their shop's retention leave the archive; their reports stay, and are never computed again."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateOne
from pymongo.database import Database
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.names import Collection
from contracts.retention import kept_from
from spark_jobs.archive import Snapshot, read_at
from spark_jobs.database import Document
from spark_jobs.frames import frame
from spark_jobs.iceberg import Rewrite, rewriting
from spark_jobs.maintain_archive.choosing import is_final, parts
from spark_jobs.maintain_archive.compacting import in_order, require_same_rows
from spark_jobs.maintain_archive.files import ArchivedFile, archived_files, hours_of, rows_by_hour
from spark_jobs.merchants import read_merchants
from spark_jobs.platform import note_removed

MOST_NAMED = 200
Limits = dict[str, datetime]
log = logging.getLogger("footfall.job")


def apply_retention(
    spark: SparkSession,
    database: Database[Document],
    snapshot: Snapshot,
    borders: Sequence[int],
    now: datetime,
    hold: Callable[[], None],
) -> int:
    """Removes final batches' rows before the first day that their shops keep; answers how many."""
    retention = _Retention(spark, _limits(database, now))
    if not retention.limits:
        return 0
    hours, shops = retention.beyond(snapshot, borders)
    if not hours:
        return 0
    # first said, then done: whoever computes from what is left knows that it is not all
    _note(database, {shop: retention.limits[shop] for shop in shops})
    files = [file for file in archived_files(spark, snapshot) if file.hour in hours and is_final(file, borders)]
    removed = 0
    for part in parts([[file] for file in files], borders):
        with rewriting(spark, snapshot.snapshot_id, hours_of(part)) as rewrite:
            gone = retention.rewrite(rewrite, part)
            hold()
            commit_removal(database, rewrite, "retention", gone)
            removed += gone
    log.info("retention shops=%d rows=%d", len(shops), removed)
    return removed


def commit_removal(database: Database[Document], rewrite: Rewrite, why: str, rows: int) -> None:
    """Said before it is done, since the copy of the archive takes rows that nobody spoke of for lost.

    Whoever is killed in between has them counted twice at the next attempt: then the copy bears the loss of so many more.
    """
    note_removed(database, rows)
    try:
        rewrite.commit(why)
    except Exception:
        note_removed(database, -rows)
        raise


@dataclass(frozen=True, slots=True)
class _Retention:
    spark: SparkSession
    limits: Limits

    def beyond(self, snapshot: Snapshot, borders: Sequence[int]) -> tuple[set[int], set[str]]:
        """The hours (numbers since 1970) and the shops of rows that go."""
        *open_, horizon = borders
        rows = read_at(self.spark, snapshot).where(F.col("event_time") < F.lit(max(self.limits.values())))
        if len(self.limits) <= MOST_NAMED:
            rows = rows.where(F.col("merchant").isin(sorted(self.limits)))
        rows = rows.where((F.col("batch") < horizon) & ~F.col("batch").isin(list(open_)))
        gone = self._marked(rows).where(_goes()).select("merchant", _hour()).distinct().toArrow().to_pylist()
        return {row["hour"] for row in gone}, {row["merchant"] for row in gone}

    def rewrite(self, rewrite: Rewrite, files: Sequence[ArchivedFile]) -> int:
        """Writes the files without the rows that go, beside the archive; answers the number of these rows."""
        marked = self._marked(rewrite.rows())
        gone = {
            row["hour"]: row["count"] for row in marked.where(_goes()).groupBy(_hour()).count().toArrow().to_pylist()
        }
        before = rows_by_hour(files)
        kept = marked.where(~_goes()).drop("kept_from")
        after = rewrite.write(in_order(kept, len(before)))
        require_same_rows({hour: count - gone.get(hour, 0) for hour, count in before.items()}, after)
        return sum(gone.values())

    def _marked(self, rows: DataFrame) -> DataFrame:
        table = frame(self.spark, sorted(self.limits.items()), "merchant string, kept_from timestamp")
        return rows.join(F.broadcast(table), on="merchant", how="left").select(*rows.columns, "kept_from")


def _goes() -> Column:
    return F.coalesce(F.col("event_time") < F.col("kept_from"), F.lit(False))


def _hour() -> Column:
    return F.floor(F.unix_seconds("event_time") / 3600).cast("int").alias("hour")


def _limits(database: Database[Document], now: datetime) -> Limits:
    limits = {
        merchant.id: kept_from(merchant.time_zone, merchant.retention_days, now)
        for merchant in read_merchants(database).values()
    }
    return {id_: limit for id_, limit in limits.items() if limit is not None}


def _note(database: Database[Document], limits: Limits) -> None:
    writes = [UpdateOne({"_id": shop}, {"$max": {"archive_from": limit}}) for shop, limit in sorted(limits.items())]
    database[Collection.MERCHANTS].bulk_write(writes, ordered=False)
