"""Replays that people asked for in the report app: a cause's messages go through its rule, or as they are.

An order stands in the rule's document. It is done when no message is left that it could still send, so a run that died
goes on where it was, and sends what it sent under the same ids.
"""

from collections.abc import Iterator
from datetime import datetime

from pymongo.database import Database

from contracts.inbox import UNDECIDED
from contracts.names import Collection
from footfall_airflow.database import Document
from footfall_airflow.filing import drop
from footfall_airflow.floods import drop_counted
from footfall_airflow.reprocessing import CHUNK, send_copies
from footfall_airflow.sending import Sender
from repairs.failures import failure_of_document
from repairs.replays import replayed
from repairs.shop_rules import Action, ShopRule, read_rule

ASKED = {"replay.state": "asked"}


def has_replays(database: Database[Document]) -> bool:
    return database[Collection.REPAIR_RULES].find_one(ASKED, {"_id": 1}) is not None


def replay(database: Database[Document], sender: Sender, now: datetime) -> int:
    """Carries out every order; answers how many messages were sent or dropped. Raises Undelivered."""
    changed = 0
    for order in list(database[Collection.REPAIR_RULES].find(ASKED).sort("_id", 1)):
        rule = read_rule(order["rule"]) if order["rule"] else None
        if rule is not None and rule.action is Action.DROP:
            changed += _drop(database, order, now)
        else:
            changed += _send(database, sender, order, rule, now)
    return changed


def _drop(database: Database[Document], order: Document, now: datetime) -> int:
    dropped = drop_counted(database, order["_id"])
    for documents in _chunks(database, order["_id"], with_slim=True):
        dropped += drop(database, [document["_id"] for document in documents], now)
    _finish(database, order, {"dropped": dropped}, now)
    return dropped


def _send(database: Database[Document], sender: Sender, order: Document, rule: ShopRule | None, now: datetime) -> int:
    number = order["replay"]["number"]
    unfit = 0
    for documents in _chunks(database, order["_id"], with_slim=False):
        copies = [replayed(failure_of_document(document), rule, number) for document in documents]
        unfit += copies.count(None)
        send_copies(database, sender, [copy for copy in copies if copy], now)
    sent = database[Collection.FAILED_EVENTS].count_documents({"attempts.order": number})
    _finish(database, order, {"sent": sent, "unfit": unfit}, now)
    return sent


def _chunks(database: Database[Document], cause: str, with_slim: bool) -> Iterator[list[Document]]:
    """The cause's undecided documents in the order of their ids."""
    query: Document = {"cause": cause, "status": {"$in": list(UNDECIDED)}}
    if not with_slim:
        query["is_slim"] = False
    last: Document = {}
    while found := list(database[Collection.FAILED_EVENTS].find(query | last).sort("_id", 1).limit(CHUNK)):
        yield found
        last = {"_id": {"$gt": found[-1]["_id"]}}


def _finish(database: Database[Document], order: Document, counts: Document, now: datetime) -> None:
    """Unless another replay was asked for meanwhile: that one is carried out next."""
    change = {"replay.state": "done", "replay.done_at": now, **{f"replay.{name}": n for name, n in counts.items()}}
    database[Collection.REPAIR_RULES].update_one(
        {"_id": order["_id"], "replay.number": order["replay"]["number"]}, {"$set": change}
    )
