"""catch_up_with_archive: what a restored database lacks is made again from the archive's rows, and its ledger knows them."""

import logging
from datetime import UTC, datetime

from contracts.ledger import Touched
from contracts.names import Collection, DueGroup, Job
from contracts.restores import RESTORE, RestoreState
from spark_jobs.archive import Snapshot, current_snapshot
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.catch_up_with_archive.archived import read_unfinished
from spark_jobs.catch_up_with_archive.ledgers import reconcile
from spark_jobs.catch_up_with_archive.recovering import in_groups, recover
from spark_jobs.computing import SCOPES_AT_ONCE, Computing
from spark_jobs.due_scopes import read_due
from spark_jobs.failures import TransientError, run_job
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.report_documents import Computation

log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.CATCH_UP_WITH_ARCHIVE, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    """May be killed and run again at any point: what the ledger does not know is made again until it knows it."""
    _require_restored(attempt)
    snapshot = current_snapshot(attempt.spark)
    touched: list[Touched] = []
    if snapshot is None:
        log.warning("The archive is empty: there is nothing to catch up with.")
    else:
        if not _is_booked(attempt):
            take_on(attempt, snapshot)
        touched = compute_hours(attempt, snapshot)
    attempt.entry.hold()
    end = {"state": RestoreState.CAUGHT_UP, "caught_up_at": datetime.now(UTC)}
    restored = {"_id": RESTORE, "state": RestoreState.RESTORED}
    attempt.database[Collection.BACKUPS].update_one(restored, {"$set": end, "$unset": {"step": ""}})
    return Worked(touched)


def _require_restored(attempt: Attempt) -> None:
    """Raises TransientError while collections are still put back, by another restore than the one of this round."""
    if attempt.database[Collection.BACKUPS].find_one({"_id": RESTORE, "state": RestoreState.RESTORING}):
        raise TransientError("The database is being restored from a backup.")


def take_on(attempt: Attempt, snapshot: Snapshot) -> None:
    """Batches that the ledger lacks: first what they brought, then their entries."""
    batches = read_unfinished(attempt.spark, attempt.database, snapshot)
    done = 0
    for group in in_groups(batches, attempt.settings.batch_max_messages):
        _note(attempt, f"{done:,} of {len(batches):,} batches of the archive are made again")
        recover(attempt, snapshot, group)
        done += len(group)
    attempt.entry.hold()
    booking = reconcile(attempt.database, attempt.settings, batches, snapshot)
    log.info("recovered batches=%d entries=%d changed=%d", len(batches), len(booking.new), len(booking.changes))


def compute_hours(attempt: Attempt, snapshot: Snapshot) -> list[Touched]:
    """Every hour that is due and that no unfinished batch holds; days follow in their own rounds."""
    database, entry = attempt.database, attempt.entry
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), entry.run, None)
    computing = Computing(attempt.spark, database, computation, None, entry.hold)
    touched: dict[str, set[str]] = {}
    while due := read_due(database, DueGroup.HOUR, None, SCOPES_AT_ONCE, snapshot.sequence):
        left = database[Collection.DUE_SCOPES].count_documents({"group": DueGroup.HOUR})
        _note(attempt, f"{left:,} hours are to be computed")
        for one in computing.compute(due):
            touched.setdefault(one["merchant"], set()).update(one["reports"])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


def _is_booked(attempt: Attempt) -> bool:
    found = attempt.database[Collection.BACKUPS].find_one({"_id": RESTORE})
    return bool(found and found.get("is_booked"))


def _note(attempt: Attempt, step: str) -> None:
    attempt.database[Collection.BACKUPS].update_one({"_id": RESTORE}, {"$set": {"step": step}})


if __name__ == "__main__":
    run_job(main)
