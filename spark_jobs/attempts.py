"""One attempt of a job at its entry of the ledger: what stands around the work of every job."""

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.completeness import check_contracts
from contracts.ledger import Touched
from contracts.names import BatchState, Job
from contracts.settings import Settings
from spark_jobs.archive import create_archive
from spark_jobs.database import Document, open_database
from spark_jobs.lease import kept_lease
from spark_jobs.ledger import LedgerEntry, take
from spark_jobs.platform import require_no_restore
from spark_jobs.rewriters import REWRITERS, sole_rewriter
from spark_jobs.session import open_session

log = logging.getLogger("footfall.job")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a job works with; its lease on `entry` is kept while it works."""

    spark: SparkSession
    database: Database[Document]
    settings: Settings
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Worked:
    """The reports that were replaced, and the state that the entry is in now."""

    touched: Sequence[Touched]
    state: BatchState = BatchState.REPORTED


def attempt(
    job: Job,
    about: str | None,
    key: tuple[str, type],
    work: Callable[[Attempt], Worked],
    standing: SparkSession | None = None,
) -> None:
    """Takes the entry that the arguments name, works, and notes what came of it.

    `key` is the argument that names the entry, and its type: ("batch", int) is read from `--batch 7`. `standing`: a session
    that goes on after this attempt.
    """
    name, kind = key
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(f"--{name}", type=kind, required=True, help=f"the ledger's id of the {name}")
    parser.add_argument("--run", required=True, help="the run of the DAG, for receipts")
    arguments = vars(parser.parse_args())
    settings = check_contracts()
    database = open_database(settings)
    with closing(database.client):
        if job is not Job.CATCH_UP_WITH_ARCHIVE:
            require_no_restore(database)
        entry = take(database, arguments[name], arguments["run"])
        turn = sole_rewriter(database, entry) if job in REWRITERS else nullcontext()
        with kept_lease(entry, settings.lease_seconds), turn:
            spark = standing or open_session(f"{job}-{entry.key}", settings)
            started = time.monotonic()
            create_archive(spark)
            done = work(Attempt(spark, database, settings, entry))
            seconds = time.monotonic() - started
            entry.note_reported(done.touched, seconds, done.state)
            log.info("%s=%s %s merchants=%d seconds=%.1f", name, entry.key, done.state, len(done.touched), seconds)
            if standing is None:
                spark.stop()
