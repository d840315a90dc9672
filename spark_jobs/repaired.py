"""Repaired copies that were accepted: their arrivals in the error inbox are repaired, from the rows as they stand in the archive."""

from datetime import UTC, datetime

from pymongo import UpdateOne
from pymongo.database import Database
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.chunks import chunks
from contracts.inbox import AttemptOutcome, FailedStatus, split_id
from contracts.names import Collection, Outcome
from spark_jobs.database import Document

CHUNK = 1_000


def note_repaired(database: Database[Document], committed: DataFrame) -> int:
    """Notes every copy among a batch's rows that is not rejected, and answers how many; again, it changes nothing more.

    A copy of a message that counts already is repaired too: nothing is left to do about it.
    """
    accepted = committed.where(F.col("is_returned") & (F.col("outcome") != Outcome.REJECTED)).select("envelope_id")
    ids = (row["envelope_id"] for row in accepted.toLocalIterator())
    count, now = 0, datetime.now(UTC)
    for chunk in chunks(ids, CHUNK):
        writes = [_repaired(*split_id(envelope_id), now) for envelope_id in chunk]
        database[Collection.FAILED_EVENTS].bulk_write(writes, ordered=False)
        count += len(chunk)
    return count


def _repaired(arrival: str, attempt: int, now: datetime) -> UpdateOne:
    """Whatever the inbox said before: also where Airflow's run died between sending the copy and saying so."""
    change = {
        "status": FailedStatus.REPAIRED,
        "repaired_at": now,
        "next_attempt_at": None,
        "attempts.$[sent].outcome": AttemptOutcome.ACCEPTED,
    }
    return UpdateOne(
        {"_id": arrival, "status": {"$ne": FailedStatus.REPAIRED}, "attempts": {"$type": "array"}},
        {"$set": change, "$max": {"attempt": attempt}},
        array_filters=[{"sent.attempt": attempt}],
    )
