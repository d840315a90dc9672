"""Changes of shops' settings: which can go on, and the round that builds their reports.

A batch that began before an order may know nothing of it, so building waits until every batch of that time is final.
"""

from datetime import datetime

from pymongo.database import Database

from contracts.ledger import not_final_up_to
from contracts.names import Collection
from contracts.shop_settings import FORMER_KEPT, ChangeState
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import Clock, utc_now

_BUILDING = {"next.state": ChangeState.BUILDING}
_NOT_SEEN = {"next.state": ChangeState.ORDERED, "next.after": None}
_WAITING = {"next.state": ChangeState.ORDERED, "next.after": {"$ne": None}}


def plan_changes(ledger: Ledger, database: Database[Document], run: str, now: Clock = utc_now) -> Document:
    """The run's round of changes. Raises NothingToDo while none can go on."""
    if entry := ledger.take(run, now()):
        return entry
    _note_orders(database)
    for merchant in _free_to_go(database):
        order = {"_id": merchant["_id"], "next.settings_version": merchant["next"]["settings_version"]}
        database[Collection.MERCHANTS].update_one(order, {"$set": {"next.state": ChangeState.BUILDING}})
    if not _exists(database, {"$or": [_BUILDING, _former(now())]}):
        raise NothingToDo("No settings are to be changed, or batches that began before are still at work.")
    return ledger.plan(run, now(), prefix="settings-")


def has_changes(database: Database[Document], now: datetime) -> bool:
    """One that is being built counts: no run is at it, so the one that was has died."""
    if _exists(database, {"$or": [_NOT_SEEN, _BUILDING, _former(now)]}):
        return True
    return bool(_free_to_go(database))


def _note_orders(database: Database[Document]) -> None:
    """The counter is read after the order was found, so that every batch that may not know of it has a number up to it."""
    for merchant in list(database[Collection.MERCHANTS].find(_NOT_SEEN, {"next.settings_version": 1})):
        counter = database[Collection.COUNTERS].find_one({"_id": "batches"})
        order = {"_id": merchant["_id"], "next.settings_version": merchant["next"]["settings_version"]}
        after = {"next.after": counter["value"] if counter else 0}
        database[Collection.MERCHANTS].update_one({**order, "next.after": None}, {"$set": after})


def _free_to_go(database: Database[Document]) -> list[Document]:
    """The orders for which no batch of their time is at work any more."""
    waiting = database[Collection.MERCHANTS].find(_WAITING, {"next.settings_version": 1, "next.after": 1})
    return [one for one in waiting if not _is_awaited(database, one["next"]["after"])]


def _is_awaited(database: Database[Document], after: int) -> bool:
    return database[Collection.BATCHES].find_one(not_final_up_to(after), {"_id": 1}) is not None


def _former(now: datetime) -> Document:
    return {"former.until": {"$lt": now - FORMER_KEPT}}


def _exists(database: Database[Document], query: Document) -> bool:
    return database[Collection.MERCHANTS].find_one(query, {"_id": 1}) is not None
