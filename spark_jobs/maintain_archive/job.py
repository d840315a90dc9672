"""maintain_archive: small files of final batches become one an hour; at night retention, old snapshots, orphans, the copy."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from contracts.maintenance import Upkeep, loss_of, nothing_done
from contracts.names import Job
from spark_jobs.archive import Snapshot, current_snapshot, keep_properties, read_at, within
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.failures import PermanentError, run_job
from spark_jobs.ledger import LedgerEntry
from spark_jobs.maintain_archive.batches import Batches, mismatches, note_compacted, read_batches
from spark_jobs.maintain_archive.compacting import compact
from spark_jobs.maintain_archive.copying import copy_archive
from spark_jobs.maintain_archive.expiring import expire_snapshots, gather_manifests, remove_orphans
from spark_jobs.maintain_archive.files import ArchivedFile, archived_files
from spark_jobs.maintain_archive.retaining import apply_retention

LEAST_FILES, LEAST_FILES_AT_NIGHT = 5, 2
"""An hour is compacted from so many small files on: late events that trickle in do not have it rewritten all day."""
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.MAINTAIN_ARCHIVE, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    batches, snapshot = read_batches(attempt.database), current_snapshot(attempt.spark)
    if snapshot is not None:
        Maintenance(attempt, batches, snapshot, datetime.now(UTC)).do()
    return Worked([])


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One round. The ledger was read before the snapshot: what it calls final stands in there whole."""

    attempt: Attempt
    batches: Batches
    snapshot: Snapshot
    now: datetime

    @property
    def is_long(self) -> bool:
        return bool(self.attempt.entry.document.get("is_long"))

    def do(self) -> None:
        """Files are compacted before rows go, and rows are counted before the snapshot that still has them goes. The copy
        comes last: while its place is away everything else is done.
        """
        spark, database = self.attempt.spark, self.attempt.database
        entry, settings = self.attempt.entry, self.attempt.settings
        require_no_loss(entry)
        keep_properties(spark)
        files = archived_files(spark, self.snapshot)
        wrong = mismatches(files, self.batches.rows)
        borders = sorted({*self.batches.borders, *(one["batch"] for one in wrong)})
        upkeep = nothing_done(self.snapshot.snapshot_id, len(files), wrong)
        compacted = compact(spark, self.snapshot, files, borders, self._least_files, entry.hold)
        self._count(upkeep, compacted, borders)
        note_compacted(database, set(self.batches.final) - set(borders), self.now)
        if self.is_long:
            upkeep["removed"] = apply_retention(spark, database, self._newest(), borders, self.now, entry.hold)
            gather_manifests(spark)
            remove_orphans(spark, settings.archive_orphan_hours, self.now)
        upkeep["expired"] = expire_snapshots(spark, database, entry.key, settings.archive_snapshot_hours, self.now)
        upkeep["files_after"] = len(archived_files(spark, self._newest()))
        if self.is_long and settings.archive_copy:
            upkeep["copied"] = copy_archive(spark, database, settings, self._newest(), borders, self.now)
        entry.note_upkeep(upkeep)
        log.info("round=%s %s", entry.key, upkeep)

    @property
    def _least_files(self) -> int:
        return LEAST_FILES_AT_NIGHT if self.is_long else LEAST_FILES

    def _newest(self) -> Snapshot:
        return current_snapshot(self.attempt.spark) or self.snapshot

    def _count(self, upkeep: Upkeep, compacted: Sequence[ArchivedFile], borders: Sequence[int]) -> None:
        """Counts the compacted hours by reading them, as they were and as they are. Raises PermanentError on a loss."""
        if compacted:
            states = (self.snapshot, self._newest())
            before, after = (self._rows(state, compacted, borders) for state in states)
            # where an erasure took the turn, the rows may well be fewer
            self.attempt.entry.hold()
            upkeep["rows_before"], upkeep["rows_after"] = before, after
        if loss := loss_of(upkeep):
            self.attempt.entry.note_upkeep(upkeep)
            raise PermanentError(loss)

    def _rows(self, snapshot: Snapshot, files: Sequence[ArchivedFile], borders: Sequence[int]) -> int:
        *open_, horizon = borders
        starts = {_EPOCH + file.hour * _HOUR for file in files}
        is_final = (F.col("batch") < horizon) & ~F.col("batch").isin(open_)
        rows = read_at(self.attempt.spark, snapshot).where(within("event_time", [(at, at + _HOUR) for at in starts]))
        return rows.where(is_final).count()


def require_no_loss(entry: LedgerEntry) -> None:
    """Raises PermanentError where an earlier attempt at the round met a loss, and nobody has mended it yet."""
    known = entry.document.get("upkeep")
    if known and (loss := loss_of(known)):
        raise PermanentError(loss)


if __name__ == "__main__":
    run_job(main)
