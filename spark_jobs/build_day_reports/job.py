"""build_day_reports: one round of the due days, oldest first."""

import argparse
import logging
import time
from collections.abc import Iterator

from pymongo.database import Database

from contracts.completeness import check_contracts
from contracts.names import DueGroup, Job
from contracts.settings import Settings
from spark_jobs.archive import Snapshot, create_archive, current_snapshot
from spark_jobs.computing import Computing
from spark_jobs.database import Document, open_database
from spark_jobs.due_scopes import DueScope, Scope, make_due, read_due, read_tokens
from spark_jobs.failures import run_job
from spark_jobs.lease import kept_lease
from spark_jobs.ledger import LedgerEntry, take
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.report_documents import Computation
from spark_jobs.session import open_session

log = logging.getLogger("footfall.job")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round", required=True, help="the ledger's name of the round")
    parser.add_argument("--run", required=True, help="the run of the DAG, for receipts")
    arguments = parser.parse_args()
    settings = check_contracts()
    database = open_database(settings)
    entry = take(database, arguments.round, arguments.run)
    with kept_lease(entry, settings.lease_seconds):
        spark = open_session(f"{Job.BUILD_DAY_REPORTS}-{arguments.round}", settings)
        started = time.monotonic()
        create_archive(spark)
        snapshot = current_snapshot(spark)
        due = [] if snapshot is None else due_days(database, entry, snapshot, settings)
        touched = []
        if snapshot is not None and due:
            epoch, rates = archive_epoch(database), rates_version(database)
            computation = Computation(snapshot, epoch, rates, arguments.run, None)
            touched = Computing(spark, database, computation, None, entry.hold).compute(due)
        seconds = time.monotonic() - started
        entry.note_reported(touched, seconds)
        log.info("round=%s days=%d merchants=%d seconds=%.1f", entry.key, len(due), len(touched), seconds)
        spark.stop()


def due_days(
    database: Database[Document], entry: LedgerEntry, snapshot: Snapshot, settings: Settings
) -> list[DueScope]:
    """The days of this round; a replay computes those of its first time once more."""
    if not entry.is_replay:
        return read_due(database, DueGroup.DAY, None, settings.day_round_max_scopes, snapshot.sequence)
    days = list(days_of(entry))
    make_due(database, days, snapshot.sequence, None, f"replay of {entry.key}")
    return read_tokens(database, [day.id for day in days], snapshot.sequence)


def days_of(entry: LedgerEntry) -> Iterator[Scope]:
    for touched in entry.document.get("touched", []):
        for report in touched["reports"]:
            yield Scope(touched["merchant"], DueGroup.DAY, report.rsplit("/", 1)[1])


if __name__ == "__main__":
    run_job(main)
