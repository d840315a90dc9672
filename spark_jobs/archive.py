"""The archive's edge: create it, write one batch's rows, read it at one pinned snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.archive import PARTITION, SCHEMA, TABLE
from spark_jobs.iceberg import table

MAX_RANGES = 200
ROWS_A_FILE = 250_000
_PROPERTIES: Mapping[str, str] = {
    "write.distribution-mode": "none",
    "write.parquet.compression-codec": "zstd",
    # a shop's rows lie together in a compacted file: who reads one shop reads its groups of rows only
    "write.parquet.row-group-size-bytes": str(4 * 1024**2),
    # a small file counts as this much of a task: with Iceberg's 4 MB a task would hold 32 of them, and 300 make many tasks
    "read.split.open-file-cost": str(256 * 1024),
    # every version of the metadata lists every file and snapshot, so that they must stay few and short
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "50",
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.batch": "full",
    "write.metadata.metrics.column.event_time": "full",
    "write.metadata.metrics.column.merchant": "truncate(64)",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the archive; `sequence` grows with every write, `snapshot_id` is Iceberg's."""

    snapshot_id: int
    sequence: int


def create_archive(spark: SparkSession) -> None:
    """Makes the table where there is none; a look is quicker than the statement that would change nothing."""
    if spark.catalog.tableExists(TABLE):
        return
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {TABLE.rsplit('.', 1)[0]}")
    spark.sql(
        f"CREATE TABLE IF NOT EXISTS {TABLE} ({SCHEMA}) USING iceberg PARTITIONED BY ({PARTITION}) "
        f"TBLPROPERTIES ('format-version'='2', {_listed(_PROPERTIES)})"
    )


def keep_properties(spark: SparkSession) -> None:
    """Gives an archive that an earlier version made the properties of this one."""
    properties = table(spark).properties()
    if any(properties.get(name) != value for name, value in _PROPERTIES.items()):
        spark.sql(f"ALTER TABLE {TABLE} SET TBLPROPERTIES ({_listed(_PROPERTIES)})")


def _listed(properties: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}'='{value}'" for name, value in properties.items())


def write_batch(rows: DataFrame, batch: int, count: int, is_first_attempt: bool) -> None:
    """Makes the `count` rows the batch's rows, instead of those of an earlier attempt.

    The first attempt finds nothing to replace, so it does not look through the archive for it.
    """
    files_an_hour = 1 + count // ROWS_A_FILE
    sorted_rows = rows.coalesce(files_an_hour).sortWithinPartitions(
        F.date_trunc("HOUR", "event_time"), "merchant", "event_time"
    )
    # one file is open at a time: a batch that touches a thousand hours would not fit into memory otherwise
    ordering = {"fanout-enabled": "false", "use-table-distribution-and-ordering": "false"}
    writer = sorted_rows.writeTo(TABLE).options(**ordering)
    if is_first_attempt:
        writer.append()
    else:
        writer.overwrite(F.col("batch") == batch)


def remove_batch(spark: SparkSession, batch: int) -> None:
    """The archive without the batch's rows, as if it had never been written."""
    spark.sql(f"DELETE FROM {TABLE} WHERE batch = {batch:d}")  # noqa: S608 - a number


def current_snapshot(spark: SparkSession) -> Snapshot | None:
    """The archive's newest snapshot; None while it is empty."""
    snapshot = table(spark).currentSnapshot()
    return None if snapshot is None else Snapshot(snapshot.snapshotId(), snapshot.sequenceNumber())


def read_at(spark: SparkSession, snapshot: Snapshot) -> DataFrame:
    return spark.read.option("versionAsOf", str(snapshot.snapshot_id)).table(TABLE)


def within(column: str, ranges: Iterable[tuple[datetime, datetime]]) -> Column:
    """True where the time lies in one of the ranges [from, to); merged so that the filter stays short and prunes."""
    merged = merged_ranges(ranges)
    tests = [(F.col(column) >= F.lit(start)) & (F.col(column) < F.lit(end)) for start, end in merged]
    return reduce(lambda one, other: one | other, tests, F.lit(False))


def merged_ranges(ranges: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Touching ranges as one, and the smallest gaps closed until at most 200 are left."""
    gap = timedelta(0)
    merged = _joined(sorted(ranges), gap)
    while len(merged) > MAX_RANGES:
        gap = max(gap * 2, timedelta(hours=1))
        merged = _joined(merged, gap)
    return merged


def _joined(ranges: list[tuple[datetime, datetime]], gap: timedelta) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for start, end in ranges:
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
