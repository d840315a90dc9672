"""Facts about the platform that stand in every receipt."""

from datetime import datetime

from pymongo.database import Database

from contracts.ledger import CAUGHT_UP, DONE
from contracts.names import Collection, Topic
from contracts.restores import UNDER_WAY
from spark_jobs.database import Document
from spark_jobs.failures import TransientError


def archive_epoch(database: Database[Document]) -> int:
    """Raised whenever the archive is restored; 1 in one that never was."""
    return _number(database, "archive", "epoch", 1)


def removed_rows(database: Database[Document]) -> int:
    """How many rows were deleted from the archive on purpose, since its beginning."""
    return _number(database, "archive", "removed_rows", 0)


def note_removed(database: Database[Document], rows: int) -> None:
    database[Collection.PLATFORM].update_one({"_id": "archive"}, {"$inc": {"removed_rows": rows}}, upsert=True)


def rates_version(database: Database[Document]) -> int:
    """Raised whenever rates of exchange are loaded; 0 before the first."""
    return _number(database, "rates", "version", 0)


def published_watermark(database: Database[Document]) -> datetime | None:
    """Until when the reports are complete, as their pages say; a batch that is not committed does not count."""
    done = {"topic": Topic.EVENTS, "state": {"$in": list(DONE)}}
    last = database[Collection.BATCHES].find_one(done, {"watermark": 1}, sort=[("_id", -1)]) or {}
    caught_up = database[Collection.PLATFORM].find_one({"_id": CAUGHT_UP[Topic.EVENTS]}) or {}
    marks = (last.get("watermark"), caught_up.get("caught_up_at"))
    return max((mark for mark in marks if mark is not None), default=None)


def require_no_restore(database: Database[Document]) -> None:
    """Raises TransientError while the database is put back from a backup."""
    if database[Collection.BACKUPS].find_one(dict(UNDER_WAY), {"_id": 1}) is not None:
        raise TransientError("The database is being restored from a backup.")


def _number(database: Database[Document], id_: str, name: str, default: int) -> int:
    found = database[Collection.PLATFORM].find_one({"_id": id_}, {name: 1})
    return default if found is None else int(found.get(name, default))
