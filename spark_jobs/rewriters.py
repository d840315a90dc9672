"""Upkeep and erasures write final rows of the archive again: one of them at a time, whatever Airflow believes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.names import Collection, Job
from spark_jobs.database import Document
from spark_jobs.failures import TransientError
from spark_jobs.ledger import LedgerEntry

REWRITERS = (Job.MAINTAIN_ARCHIVE, Job.FORGET_PEOPLE)
_ID = "archive_rewriter"


@contextmanager
def sole_rewriter(database: Database[Document], entry: LedgerEntry) -> Iterator[None]:
    """`entry.hold` raises TransientError from now on, too, where the other one has taken the turn.

    Raises TransientError while the other one is at work. One that died has its turn until its lease is over.
    """
    turn = {"entry": entry.key, "attempt": entry.attempt}
    _take(database, turn)
    entry.hold_also(partial(_require, database, turn))
    try:
        yield
    finally:
        database[Collection.PLATFORM].delete_one({"_id": _ID} | turn)


def _take(database: Database[Document], turn: Document) -> None:
    platform = database[Collection.PLATFORM]
    holder = platform.find_one({"_id": _ID})
    if holder is not None and holder["entry"] != turn["entry"] and _is_at_work(database, holder["entry"]):
        raise TransientError(f"{holder['entry']} writes files of the archive again: one of them at a time.")
    try:
        # what is replaced is what was looked at; where somebody was quicker, the id is taken
        platform.replace_one(dict(holder or {"_id": _ID, "entry": None}), {"_id": _ID} | turn, upsert=True)
    except DuplicateKeyError as error:
        raise TransientError("Another job has just begun to write files of the archive again.") from error


def _is_at_work(database: Database[Document], key: str) -> bool:
    held = {"_id": key, "lease.until": {"$gt": datetime.now(UTC)}}
    return database[Collection.BATCHES].find_one(held, {"_id": 1}) is not None


def _require(database: Database[Document], turn: Document) -> None:
    if database[Collection.PLATFORM].find_one({"_id": _ID} | turn, {"_id": 1}) is None:
        raise TransientError("This job was not heard of for so long that another one writes the archive's files again.")
