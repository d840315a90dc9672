"""Rehearsals that people asked for: whether there are any, and the round that computes them."""

from pymongo.database import Database

from contracts.names import Collection
from contracts.rehearsals import OPEN
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import Clock, utc_now


def plan_rehearsals(ledger: Ledger, database: Database[Document], run: str, now: Clock = utc_now) -> Document:
    """The run's round of rehearsals. Raises NothingToDo when nobody waits for one."""
    if entry := ledger.take(run, now()):
        return entry
    if not has_rehearsals(database):
        raise NothingToDo("Nobody waits for a rehearsal.")
    return ledger.plan(run, now(), prefix="rehearsals-")


def has_rehearsals(database: Database[Document]) -> bool:
    """A running one counts: no run is at it, so the one that was has died."""
    return database[Collection.REHEARSALS].find_one({"state": {"$in": list(OPEN)}}, {"_id": 1}) is not None
