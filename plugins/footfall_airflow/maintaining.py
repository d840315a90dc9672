"""The archive's upkeep: whether there is any to do, told without looking at the archive, and the round that does it."""

from datetime import datetime, timedelta

from pymongo.database import Database

from contracts.ledger import DONE
from contracts.names import Collection, DagId
from footfall_airflow.database import Document
from footfall_airflow.forgetting import is_in_flight
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import Clock, utc_now

NIGHT_HOUR = 3
_OF_EVENTS = {"dag": DagId.PROCESS_EVENTS, "state": {"$in": list(DONE)}}


def plan_maintenance(
    ledger: Ledger, database: Database[Document], run: str, most_files: int, now: Clock = utc_now
) -> Document:
    """The run's round of upkeep. Raises NothingToDo where few files wait and the night's part is done."""
    if entry := ledger.take(run, now()):
        return entry
    if is_in_flight(database, DagId.FORGET_PEOPLE, now()):
        raise NothingToDo("People are being forgotten, which writes the same files again: the next hour goes on.")
    is_long, files = is_night_due(database, now()), waiting_files(database)
    if not is_long and files <= most_files:
        raise NothingToDo(
            f"{files} files of committed batches wait to be compacted, and {most_files} may; the long part of the night is "
            "done, or has nothing to work on yet."
        )
    return ledger.plan(run, now(), prefix="archive-", is_long=is_long)


def waiting_files(database: Database[Document]) -> int:
    """At least so many files hold the rows of batches that were never compacted: one for each hour that a batch touched."""
    stages: list[Document] = [
        {"$match": {**_OF_EVENTS, "compacted_at": None}},
        {"$group": {"_id": None, "files": {"$sum": {"$size": {"$ifNull": ["$hours", []]}}}}},
    ]
    return sum(row["files"] for row in database[Collection.BATCHES].aggregate(stages))


def is_night_due(database: Database[Document], now: datetime) -> bool:
    """Whether no long round began since 03:00 UTC, although batches were planned before that."""
    night = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    night -= timedelta(days=1) if night > now else timedelta(0)
    batches = database[Collection.BATCHES]
    long = {"dag": DagId.MAINTAIN_ARCHIVE, "is_long": True, "planned_at": {"$gte": night}}
    if batches.find_one(long, {"_id": 1}) is not None:
        return False
    return batches.find_one({**_OF_EVENTS, "planned_at": {"$lt": night}}, {"_id": 1}) is not None
