"""The archive's files as its metadata lists them."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.archive import TABLE
from spark_jobs.archive import Snapshot


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """`hour`: of event_time, number since 1970. `first`, `last`: the lowest and the highest batch in it."""

    path: str
    hour: int
    rows: int
    bytes: int
    first: int
    last: int

    @property
    def is_of_one_batch(self) -> bool:
        return self.first == self.last


def archived_files(spark: SparkSession, snapshot: Snapshot) -> list[ArchivedFile]:
    """Every file of the snapshot of which Iceberg knows the batches, in the order of hours and batches."""
    batches = F.col("readable_metrics.batch")
    found = (
        spark.read.option("versionAsOf", str(snapshot.snapshot_id))
        .table(f"{TABLE}.files")
        .select(
            F.col("file_path").alias("path"),
            F.col("partition.event_time_hour").alias("hour"),
            F.col("record_count").alias("rows"),
            F.col("file_size_in_bytes").alias("bytes"),
            batches["lower_bound"].alias("first"),
            batches["upper_bound"].alias("last"),
        )
        .where(F.col("first").isNotNull() & F.col("last").isNotNull())
    )
    files = [ArchivedFile(**row) for row in found.toArrow().to_pylist()]
    return sorted(files, key=lambda file: (file.hour, file.first, file.path))


def hours_of(files: Iterable[ArchivedFile]) -> dict[str, int]:
    """Each file's path with its hour."""
    return {file.path: file.hour for file in files}


def rows_by_hour(files: Iterable[ArchivedFile]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for file in files:
        counts[file.hour] = counts.get(file.hour, 0) + file.rows
    return counts
