"""A person's rows leave the archive: the files that hold them are written again without them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.archive import TimeSource
from contracts.erasures import Forgotten
from contracts.names import Outcome
from spark_jobs.archive import Snapshot, read_at
from spark_jobs.database import Document
from spark_jobs.failures import TransientError
from spark_jobs.forgotten import PLACE, places_of
from spark_jobs.iceberg import rewriting
from spark_jobs.maintain_archive.batches import note_compacted
from spark_jobs.maintain_archive.choosing import is_final, parts
from spark_jobs.maintain_archive.compacting import in_order, require_same_rows
from spark_jobs.maintain_archive.files import archived_files, hours_of, rows_by_hour
from spark_jobs.maintain_archive.retaining import commit_removal

_KEPT = ("merchant", "event_time", "outcome", "is_returned", "message_id", "time_source")
_ATTEMPT = r"/r[0-9]+$"
log = logging.getLogger("footfall.job")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one snapshot that go; `gone` is kept, with PLACE, the path of the file and what their traces need."""

    snapshot: Snapshot
    gone: DataFrame
    count: int

    def errors(self) -> list[list[int]]:
        rejected = self.gone.where(F.col("outcome") == Outcome.REJECTED).select(*PLACE)
        return [[row[name] for name in PLACE] for row in rejected.toArrow().to_pylist()]

    def decided_messages(self) -> list[str]:
        """Ids of messages whose times may stand in `assigned_times`."""
        is_decided = (F.col("outcome") != Outcome.REJECTED) & (F.col("time_source") != TimeSource.CLIENT)
        found = self.gone.where(is_decided & F.col("message_id").isNotNull()).select("message_id").distinct()
        return [row["message_id"] for row in found.toArrow().to_pylist()]


def rows_of(spark: SparkSession, snapshot: Snapshot, forgotten: Forgotten) -> Rows:
    """The rows that carry one of the ids, and every row of their arrivals: a repaired copy and the one it repairs."""
    merchants = sorted(forgotten.hashes)
    arrival = F.regexp_replace("envelope_id", _ATTEMPT, "").alias("arrival")
    whole = read_at(spark, snapshot).select("*", F.col("_file").alias("path"), arrival)
    rows = whole.where(F.col("merchant").isin(merchants))
    places = places_of(spark, rows, forgotten)
    arrivals = rows.join(places, on=list(PLACE), how="left_semi").select("merchant", "arrival").distinct()
    found = rows.join(arrivals, on=["merchant", "arrival"], how="left_semi")
    gone = found.select(*PLACE, *_KEPT, "path").localCheckpoint()
    return Rows(snapshot, gone, gone.count())


def erase_rows(
    spark: SparkSession,
    database: Database[Document],
    rows: Rows,
    borders: Sequence[int],
    hold: Callable[[], None],
) -> None:
    """Each part is one commit; an attempt that comes after a dead one finds the rest. Raises TransientError where a row
    stands in a file of a batch that is still at work.
    """
    paths = {row["path"] for row in rows.gone.select("path").distinct().toArrow().to_pylist()}
    files = [file for file in archived_files(spark, rows.snapshot) if file.path in paths]
    if len(files) != len(paths) or not all(is_final(file, borders) for file in files):
        raise TransientError("A person's rows stand beside those of a batch that is at work: the next run takes them.")
    places = rows.gone.select(*PLACE)
    for part in parts([[file] for file in files], borders):
        with rewriting(spark, rows.snapshot.snapshot_id, hours_of(part)) as rewrite:
            gone = _count_by_hour(rewrite.rows().join(places, on=list(PLACE), how="left_semi"))
            kept = rewrite.rows().join(places, on=list(PLACE), how="left_anti")
            before = rows_by_hour(part)
            after = rewrite.write(in_order(kept.select(*rewrite.rows().columns), len(before)))
            require_same_rows({hour: count - gone.get(hour, 0) for hour, count in before.items()}, after)
            # before the commit: nobody compares these batches' rows with the ledger's count from now on
            note_compacted(database, _batches(rewrite.rows()), datetime.now(UTC))
            hold()
            commit_removal(database, rewrite, "erasure", sum(gone.values()))
            log.info("erased rows=%d files=%d", sum(gone.values()), len(part))


def _count_by_hour(rows: DataFrame) -> dict[int, int]:
    hour = F.floor(F.unix_seconds("event_time") / 3600).cast("int").alias("hour")
    return {row["hour"]: row["count"] for row in rows.groupBy(hour).count().toArrow().to_pylist()}


def _batches(rows: DataFrame) -> list[int]:
    return [row["batch"] for row in rows.select("batch").distinct().toArrow().to_pylist()]
