"""The database beside a restored archive: its epoch rises, and batches that the archive lacks are read again."""

from datetime import datetime

from pymongo.database import Database

from contracts.erasures import CARRIED_OUT, ONCE_MORE
from contracts.ledger import DONE
from contracts.maintenance import CopyList
from contracts.names import BatchState, Collection, DagId
from spark_jobs.database import Document
from spark_jobs.failures import PermanentError
from spark_jobs.platform import archive_epoch


def require_idle(database: Database[Document], now: datetime) -> None:
    """Raises PermanentError while anybody works on an entry of the ledger."""
    busy = database[Collection.BATCHES].find_one({"lease.until": {"$gt": now}}, {"dag": 1})
    if busy is not None:
        raise PermanentError(
            f"{busy['dag']} is at work on {busy['_id']}: pause all DAGs, and wait until their runs end."
        )


def begin_epoch(database: Database[Document], copied: int) -> int:
    """An epoch above that of the archive before and that of the copy.

    The sequence of a restored archive begins anew, so scopes that are due must not wait for one of the old one's. People who
    were forgotten are forgotten once more: its copy may be older.
    """
    epoch = max(archive_epoch(database), copied) + 1
    database[Collection.PLATFORM].update_one({"_id": "archive"}, {"$set": {"epoch": epoch}}, upsert=True)
    database[Collection.DUE_SCOPES].update_many({}, {"$set": {"sequence": 0}})
    database[Collection.ERASURES].update_many(dict(CARRIED_OUT), dict(ONCE_MORE))
    return epoch


def read_again(database: Database[Document], listed: CopyList) -> list[int]:
    """Batches of which the copy has no rows are unfinished from now on, so that their ranges are read once more."""
    beyond = {"$or": [{"_id": {"$gte": listed["horizon"]}}, {"_id": {"$in": list(listed["open"])}}]}
    is_archived = {"state": {"$in": [*DONE, BatchState.ARCHIVED, BatchState.REPORTED]}, "messages": {"$gt": 0}}
    query = {"dag": DagId.PROCESS_EVENTS, **is_archived, **beyond}
    batches = database[Collection.BATCHES]
    found = sorted(entry["_id"] for entry in batches.find(query, {"_id": 1}))
    ended = dict.fromkeys(("archived", "compacted_at", "reported_at", "committed_at", "announced_at"), "")
    change = {"$set": {"state": BatchState.PLANNED, "not_before": None}, "$unset": ended}
    batches.update_many({"_id": {"$in": found}}, change)
    return found
