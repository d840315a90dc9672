"""Compaction: many small files of final batches as one an hour, sorted so that a shop's rows lie together."""

import logging
from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_jobs.archive import Snapshot
from spark_jobs.failures import PermanentError
from spark_jobs.iceberg import Rewrite, rewriting
from spark_jobs.maintain_archive.choosing import groups_to_compact, parts
from spark_jobs.maintain_archive.files import ArchivedFile, hours_of, rows_by_hour

MOST_WRITERS = 4
log = logging.getLogger("footfall.job")


def compact(
    spark: SparkSession,
    snapshot: Snapshot,
    files: Sequence[ArchivedFile],
    borders: Sequence[int],
    least_files: int,
    hold: Callable[[], None],
) -> list[ArchivedFile]:
    """Compacts, of the snapshot's `files`, what has at least `least_files` an hour; answers the files that were written again.

    Each part is one commit. Raises PermanentError, with nothing changed, where rows would be lost or doubled.
    """
    done: list[ArchivedFile] = []
    groups = groups_to_compact(files, borders, least_files)
    for part in parts(groups, borders):
        with rewriting(spark, snapshot.snapshot_id, hours_of(part)) as rewrite:
            prepare(rewrite, part)
            hold()
            rewrite.commit("compaction")
        done += part
        log.info("compacted files=%d hours=%d", len(part), len(rows_by_hour(part)))
    return done


def prepare(rewrite: Rewrite, files: Sequence[ArchivedFile]) -> None:
    """Writes the files' rows again, beside the archive."""
    before = rows_by_hour(files)
    require_same_rows(before, rewrite.write(in_order(rewrite.rows(), len(before))))


def in_order(rows: DataFrame, hours: int) -> DataFrame:
    """Each hour whole in one writer, its rows by shop and time."""
    hour = F.date_trunc("HOUR", "event_time")
    return rows.repartition(min(hours, MOST_WRITERS), hour).sortWithinPartitions(
        hour, "merchant", "event_time", "batch", "partition", "offset"
    )


def require_same_rows(before: dict[int, int], after: dict[int, int]) -> None:
    """Raises PermanentError where an hour's files hold more or fewer rows than those that they would replace."""
    for hour in sorted(before.keys() | after.keys()):
        if before.get(hour, 0) != after.get(hour, 0):
            raise PermanentError(
                f"Hour {hour} since 1970 of the archive has {before.get(hour, 0)} rows, but {after.get(hour, 0)} after it "
                "was written again: nothing was changed. Look at the disk; the next run tries again."
            )
