"""build_day_reports: one round of the due days, oldest first."""

import logging
from collections.abc import Iterator

from pymongo.database import Database

from contracts.editions import edition_id
from contracts.names import DueGroup, Job
from contracts.settings import Settings
from spark_jobs.archive import Snapshot, current_snapshot
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.computing import Computing
from spark_jobs.database import Document
from spark_jobs.due_scopes import DueScope, Scope, make_due, read_due, read_tokens
from spark_jobs.failures import run_job
from spark_jobs.ledger import LedgerEntry
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.report_documents import Computation

log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.BUILD_DAY_REPORTS, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    database, entry = attempt.database, attempt.entry
    snapshot = current_snapshot(attempt.spark)
    due = [] if snapshot is None else due_days(database, entry, snapshot, attempt.settings)
    log.info("round=%s days=%d", entry.key, len(due))
    if snapshot is None or not due:
        return Worked([])
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), entry.run, None)
    return Worked(Computing(attempt.spark, database, computation, None, entry.hold).compute(due))


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
            merchant, version, _, day = report.split("/")
            yield Scope(edition_id(merchant, int(version)), DueGroup.DAY, day)


if __name__ == "__main__":
    run_job(main)
