"""process_events: exact offset ranges to the archive, errors, orders and hour reports."""

import argparse
import logging
import time

from contracts.completeness import check_contracts
from contracts.ledger import Touched
from contracts.names import DueGroup, Job
from spark_jobs import checkpoints
from spark_jobs.archive import Snapshot, create_archive, current_snapshot
from spark_jobs.checkpoints import checkpoint
from spark_jobs.computing import Computing
from spark_jobs.database import open_database
from spark_jobs.due_scopes import make_due, read_due
from spark_jobs.errors import publish_rejected
from spark_jobs.failures import PermanentError, run_job
from spark_jobs.lease import kept_lease
from spark_jobs.ledger import take
from spark_jobs.merchants import read_merchants
from spark_jobs.orders import changes_of, write_orders
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.process_events.archiving import Archived, archive_batch
from spark_jobs.process_events.batch import Batch
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.report_documents import Computation
from spark_jobs.session import open_session

MOST_SCOPES = 50_000
log = logging.getLogger("footfall.job")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, required=True, help="the ledger's number of the batch")
    parser.add_argument("--run", required=True, help="the run of the DAG, for receipts")
    arguments = parser.parse_args()
    settings = check_contracts()
    database = open_database(settings)
    entry = take(database, arguments.batch, arguments.run)
    with kept_lease(entry, settings.lease_seconds):
        spark = open_session(f"{Job.PROCESS_EVENTS}-{arguments.batch}", settings)
        started = time.monotonic()
        create_archive(spark)
        batch = Batch(spark, database, settings, entry)
        snapshot = replay(batch) if entry.is_replay else process(batch)
        touched = compute_hours(batch, snapshot)
        checkpoint(checkpoints.BEFORE_COMMIT)
        entry.hold()
        seconds = time.monotonic() - started
        entry.note_reported(touched, seconds)
        log.info("batch=%d reported merchants=%d seconds=%.1f", batch.id, len(touched), seconds)
        spark.stop()


def process(batch: Batch) -> Snapshot:
    """Archive, errors, due scopes, orders: after each of them the job may die and be run again."""
    archived = archive_batch(batch)
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


def replay(batch: Batch) -> Snapshot:
    """A committed batch: its scopes are due again, nothing of it is written again."""
    snapshot = current_snapshot(batch.spark)
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


if __name__ == "__main__":
    run_job(main)
