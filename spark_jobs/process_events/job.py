"""process_events: exact offset ranges to the archive, errors, orders and hour reports."""

import logging

from pyspark.sql import SparkSession

from contracts.ledger import Touched
from contracts.names import BatchState, DueGroup, Job
from spark_jobs import checkpoints
from spark_jobs.archive import Snapshot, current_snapshot
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.checkpoints import checkpoint
from spark_jobs.computing import Computing
from spark_jobs.due_scopes import make_due, read_due
from spark_jobs.errors import publish_rejected
from spark_jobs.failures import PermanentError, run_job
from spark_jobs.merchants import read_merchants
from spark_jobs.orders import changes_of, write_orders
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.process_events.archiving import Archived, archive_batch
from spark_jobs.process_events.batch import Batch
from spark_jobs.process_events.giving_up import refuse, set_aside
from spark_jobs.process_events.own_archive import require_own_archive
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.repaired import note_repaired
from spark_jobs.report_documents import Computation

MOST_SCOPES = 50_000
log = logging.getLogger("footfall.job")


def main(spark: SparkSession | None = None) -> None:
    """In a session of its own, or in that of a driver that stands."""
    attempt(Job.PROCESS_EVENTS, __doc__, ("batch", int), work, spark)


def work(attempt: Attempt) -> Worked:
    batch = Batch(attempt.spark, attempt.database, attempt.settings, attempt.entry)
    snapshot, state = work_on(batch)
    touched = [] if snapshot is None else compute_hours(batch, snapshot)
    if snapshot is not None:
        note_returned(batch, snapshot)
    checkpoint(checkpoints.BEFORE_COMMIT)
    batch.entry.hold()
    return Worked(touched, state)


def work_on(batch: Batch) -> tuple[Snapshot | None, BatchState]:
    """The archive from which the hours are to be computed, and the state that the batch is in afterwards."""
    require_own_archive(batch)
    if batch.entry.is_replay:
        return replay(batch), BatchState.REPORTED
    if batch.is_given_up and not batch.is_one_message:
        return set_aside(batch), BatchState.SET_ASIDE
    return process(batch), BatchState.REPORTED


def process(batch: Batch) -> Snapshot:
    """Archive, errors, due scopes, orders: after each of them the job may die and be run again."""
    archived = refuse(batch) if batch.is_given_up else archive_batch(batch)
    counts = archived.touched.counts
    log.info("batch=%d archived messages=%d rejected=%d", batch.id, counts["messages"], counts["rejected"])
    if counts["rejected"]:
        committed = batch.committed_rows(archived.snapshot, archived.touched.hours)
        publish_rejected(batch.settings, committed, archived.merchants, batch.topic)
    checkpoint(checkpoints.BEFORE_ORDERS)
    batch.entry.hold()
    merge_orders(batch, archived)
    return archived.snapshot


def merge_orders(batch: Batch, archived: Archived) -> None:
    """Everything that will change is due before the first order changes."""
    changes = changes_of(archived.stored_orders, archived.order_rows, archived.merchants)
    causes = {scope: set(found) for scope, found in archived.touched.causes.items()}
    for scope, found in changes.causes.items():
        causes.setdefault(scope, set()).update(found)
    scopes = set(causes)
    make_due(batch.database, scopes, archived.snapshot.sequence, batch.id, f"batch {batch.id}", causes)
    write_orders(batch.database, changes.changed)
    log.info("batch=%d orders=%d scopes_due=%d", batch.id, len(changes.changed), len(scopes))


def replay(batch: Batch) -> Snapshot | None:
    """A final batch: its scopes are due again, nothing of it is written again; one that was set aside has no rows."""
    snapshot = current_snapshot(batch.spark)
    if snapshot is None and batch.entry.document["state"] == BatchState.SET_ASIDE:
        return None
    if snapshot is None:
        raise PermanentError(f"Batch {batch.id} is committed but the archive is empty: restore it first.")
    rows = batch.committed_rows(snapshot, batch.entry.document.get("hours", []))
    touched = touched_scopes(batch.spark, rows, read_merchants(batch.database))
    make_due(batch.database, touched.scopes, snapshot.sequence, batch.id, f"replay of batch {batch.id}")
    return snapshot


def compute_hours(batch: Batch, snapshot: Snapshot) -> list[Touched]:
    checkpoint(checkpoints.BEFORE_REPORTS)
    batch.entry.hold()
    due = read_due(batch.database, DueGroup.HOUR, batch.id, MOST_SCOPES, snapshot.sequence)
    epoch, rates = archive_epoch(batch.database), rates_version(batch.database)
    computation = Computation(snapshot, epoch, rates, batch.entry.run, batch.id)
    return Computing(batch.spark, batch.database, computation, batch.id, batch.entry.hold).compute(due)


def note_returned(batch: Batch, snapshot: Snapshot) -> None:
    """The inbox learns of repaired copies last: until orders and hours are written, the batch may still be given up."""
    noted = batch.entry.document
    if noted.get("counts", {}).get("returned"):
        batch.entry.hold()
        note_repaired(batch.database, batch.committed_rows(snapshot, noted["hours"]))


if __name__ == "__main__":
    run_job(main)
