"""rebuild_reports: the scopes that a batch of requests names are computed again from the archive.

Sales come from the collection `orders`, which this job trusts.
"""

import logging
from datetime import UTC, datetime

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.ledger import Touched
from contracts.names import DueGroup, Job
from contracts.tickets import TicketFailure
from spark_jobs import tickets
from spark_jobs.archive import current_snapshot
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.computing import Computing
from spark_jobs.database import Document
from spark_jobs.failures import run_job
from spark_jobs.ledger import LedgerEntry
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.rebuild_reports.verifying import unsound_scopes
from spark_jobs.rebuild_reports.wanted import Wanted, read_requests, wanted_again, wanted_by
from spark_jobs.report_documents import Computation

log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.REBUILD_REPORTS, __doc__, ("batch", int), work)


def work(attempt: Attempt) -> Worked:
    spark, database, entry = attempt.spark, attempt.database, attempt.entry
    wanted = wanted_of(spark, database, entry, attempt.settings.kafka_bootstrap)
    touched = rebuild(spark, database, entry, wanted)
    log.info("batch=%d rebuilt scopes=%d", entry.key, len(wanted.scopes))
    return Worked(touched)


def wanted_of(spark: SparkSession, database: Database[Document], entry: LedgerEntry, bootstrap: str) -> Wanted:
    """What the batch's requests name; a replay needs no topic."""
    now = datetime.now(UTC)
    if entry.is_replay:
        return wanted_again(database, entry.document, now)
    requests = read_requests(spark, bootstrap, entry.document["topic"], entry.document["ranges"])
    return wanted_by(database, requests, now)


def rebuild(spark: SparkSession, database: Database[Document], entry: LedgerEntry, wanted: Wanted) -> list[Touched]:
    """Computes the scopes and moves their tickets; returns the reports that were replaced."""
    by_ticket = tickets.tickets_of(wanted.scopes | wanted.absent, wanted.editions)
    tickets.fail(database, tickets.tickets_of(wanted.frozen, wanted.editions), TicketFailure.FROZEN)
    spent = tickets.start(database, by_ticket)
    wanted.scopes -= {scope for id_ in spent for scope in by_ticket[id_]}
    touched = compute(spark, database, entry, wanted)
    unsound = unsound_scopes(database, wanted.scopes, wanted.editions)
    tried = {id_: scopes for id_, scopes in by_ticket.items() if id_ not in spent}
    tickets.finish(database, [id_ for id_, scopes in tried.items() if not scopes & unsound])
    tickets.give_back(database, [id_ for id_, scopes in tried.items() if scopes & unsound])
    return touched


def compute(spark: SparkSession, database: Database[Document], entry: LedgerEntry, wanted: Wanted) -> list[Touched]:
    """Hours and days at one snapshot."""
    snapshot = current_snapshot(spark)
    if snapshot is None:
        log.error("The archive is empty: no report can be computed from it.")
        return []
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), entry.run, entry.key)
    computing = Computing(spark, database, computation, entry.key, entry.hold)
    touched: dict[str, set[str]] = {}
    for group in DueGroup:
        for one in computing.compute_anew(wanted.of(group), f"request, batch {entry.key}"):
            touched.setdefault(one["merchant"], set()).update(one["reports"])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


if __name__ == "__main__":
    run_job(main)
