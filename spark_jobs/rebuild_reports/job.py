"""rebuild_reports: the scopes that a batch of requests names are computed again from the archive.

Sales come from the collection `orders`, which this job trusts.
"""

import argparse
import logging
import time
from datetime import UTC, datetime

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.completeness import check_contracts
from contracts.ledger import Touched
from contracts.names import DueGroup, Job
from contracts.tickets import TicketFailure
from spark_jobs import tickets
from spark_jobs.archive import create_archive, current_snapshot
from spark_jobs.computing import Computing
from spark_jobs.database import Document, open_database
from spark_jobs.due_scopes import Scope, hold_free, make_due, read_tokens
from spark_jobs.failures import run_job
from spark_jobs.lease import kept_lease
from spark_jobs.ledger import LedgerEntry, take
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.rebuild_reports.verifying import unsound_scopes
from spark_jobs.rebuild_reports.wanted import Wanted, read_requests, wanted_again, wanted_by
from spark_jobs.report_documents import Computation
from spark_jobs.session import open_session

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
        spark = open_session(f"{Job.REBUILD_REPORTS}-{arguments.batch}", settings)
        started = time.monotonic()
        create_archive(spark)
        wanted = wanted_of(spark, database, entry, settings.kafka_bootstrap)
        touched = rebuild(spark, database, entry, wanted)
        seconds = time.monotonic() - started
        entry.note_reported(touched, seconds)
        log.info("batch=%d reported scopes=%d seconds=%.1f", entry.key, len(wanted.scopes), seconds)
        spark.stop()


def wanted_of(spark: SparkSession, database: Database[Document], entry: LedgerEntry, bootstrap: str) -> Wanted:
    """What the batch's requests name; a replay needs no topic."""
    now = datetime.now(UTC)
    if entry.is_replay:
        return wanted_again(database, entry.document, now)
    requests = read_requests(spark, bootstrap, entry.document["topic"], entry.document["ranges"])
    return wanted_by(database, requests, now)


def rebuild(spark: SparkSession, database: Database[Document], entry: LedgerEntry, wanted: Wanted) -> list[Touched]:
    """Computes the scopes and moves their tickets; returns the reports that were replaced."""
    by_ticket = tickets.tickets_of(wanted.scopes | wanted.absent, wanted.merchants)
    tickets.fail(database, tickets.tickets_of(wanted.frozen, wanted.merchants), TicketFailure.FROZEN)
    spent = tickets.start(database, by_ticket)
    wanted.scopes -= {scope for id_ in spent for scope in by_ticket[id_]}
    touched = compute(spark, database, entry, wanted)
    unsound = unsound_scopes(database, wanted.scopes, wanted.merchants)
    tried = {id_: scopes for id_, scopes in by_ticket.items() if id_ not in spent}
    tickets.finish(database, [id_ for id_, scopes in tried.items() if not scopes & unsound])
    tickets.give_back(database, [id_ for id_, scopes in tried.items() if scopes & unsound])
    return touched


def compute(spark: SparkSession, database: Database[Document], entry: LedgerEntry, wanted: Wanted) -> list[Touched]:
    """Hours and days at one snapshot. Scopes that a batch in flight holds are computed, and stay due for it."""
    snapshot = current_snapshot(spark)
    if snapshot is None:
        log.error("The archive is empty: no report can be computed from it.")
        return []
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), entry.run, entry.key)
    computing = Computing(spark, database, computation, entry.key, entry.hold)
    touched: dict[str, set[str]] = {}
    for group in DueGroup:
        for one in _computed(computing, wanted.of(group), snapshot.sequence, f"request, batch {entry.key}"):
            touched.setdefault(one["merchant"], set()).update(one["reports"])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


def _computed(computing: Computing, scopes: list[Scope], sequence: int, why: str) -> list[Touched]:
    """Due before they are computed: if this job dies, somebody else computes them."""
    if not scopes:
        return []
    make_due(computing.database, scopes, sequence, None, why)
    hold_free(computing.database, scopes, computing.holder)
    return computing.compute(read_tokens(computing.database, [scope.id for scope in scopes], sequence))


if __name__ == "__main__":
    run_job(main)
