"""What the exit status of a batch's job says to the ledger: the world was away, or the batch failed."""

import logging
import math
from datetime import UTC, datetime

from pymongo.errors import PyMongoError

from contracts.ledger import is_hopeless
from contracts.names import Collection, DagId, ExitStatus
from contracts.settings import settings
from footfall_airflow.database import open_database
from footfall_airflow.ledger import Ledger

log = logging.getLogger("footfall.job_failures")
_WAIT_SECONDS = 2.0


def newest_attempt(batch: int) -> float:
    """The number of the batch's newest attempt, 0 before the first; where the database does not answer, one that none exceeds."""
    try:
        with open_database(settings(), _WAIT_SECONDS) as database:
            entry = database[Collection.BATCHES].find_one({"_id": batch}, {"attempt": 1})
    except PyMongoError as error:
        log.warning("The attempts of batch %d are not known: %s", batch, error)
        return math.inf
    return entry.get("attempt", 0) if entry else math.inf


def note_failure(batch: int, run: str, status: int, before: float) -> bool:
    """Counts the failure, unless it is the world's or the job's own; answers whether it was that of a half.

    `before` is the newest attempt before the job started. Where the database does not answer, nothing is counted: then the
    world is away too.
    """
    if status == ExitStatus.TRY_LATER:
        log.info("The world is away: batch %d keeps its range and is tried again.", batch)
        return False
    try:
        with open_database(settings(), _WAIT_SECONDS) as database:
            ledger = Ledger(database, DagId.PROCESS_EVENTS, settings().lease_seconds)
            entry = ledger.note_failure(batch, run, status, before, datetime.now(UTC))
    except PyMongoError as error:
        log.warning("The failure of batch %d was not counted: %s", batch, error)
        return False
    if entry is None:
        log.error(
            "The job failed before it began to work on batch %d (exit status %d): it keeps its range.", batch, status
        )
        return False
    log.warning("Batch %d failed %d times (exit status %d).", batch, len(entry["failures"]), status)
    if is_hopeless(entry):
        fate = "put into the inbox" if entry["messages"] == 1 else "set aside"
        log.warning("Its next attempt takes back what it wrote; what it holds is %s, and the next batch goes on.", fate)
    return entry.get("parent") is not None
