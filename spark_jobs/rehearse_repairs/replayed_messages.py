"""The messages that a replay of a cause would send, as if they stood in the topic already."""

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from contracts.inbox import UNDECIDED
from contracts.names import Collection
from contracts.rehearsals import MOST_MESSAGES, Rehearsal
from repairs.copies import Copy, is_too_large
from repairs.failures import failure_of_document
from repairs.replays import replayed
from repairs.shop_rules import ShopRule
from spark_jobs.database import Document


@dataclass(frozen=True, slots=True)
class Replayed:
    """`values` are those of `looked_at` messages, of `waiting`, that the rule fits and the topic would take."""

    waiting: int
    looked_at: int
    values: list[bytes]


def replayed_messages(
    database: Database[Document], rehearsal: Rehearsal, rule: ShopRule | None, most: int = MOST_MESSAGES
) -> Replayed:
    """The newest messages of the cause that are kept whole, as the replay would send them."""
    query = {**undecided_of(rehearsal), "is_slim": False}
    failed = database[Collection.FAILED_EVENTS]
    newest = failed.find(query).sort([("received_at", -1), ("_id", 1)]).limit(most)
    looked_at, values = 0, []
    for document in newest:
        looked_at += 1
        value = _value(replayed(failure_of_document(document), rule, None), rehearsal)
        if value is not None:
            values.append(value)
    return Replayed(failed.count_documents(query), looked_at, values)


def undecided_of(rehearsal: Rehearsal) -> dict[str, Any]:
    """A query: the cause's messages about which nothing is decided."""
    return {"merchant": rehearsal["merchant"], "cause": rehearsal["cause"], "status": {"$in": list(UNDECIDED)}}


def dropped_messages(database: Database[Document], rehearsal: Rehearsal) -> int:
    """How many a replay would drop: those with a document, and those that are counted only."""
    counted = database[Collection.ERROR_CAUSES].find(
        {"merchant": rehearsal["merchant"], "cause": rehearsal["cause"]}, {"hours": 1}
    )
    only_counted: int = sum(hour["waiting"] for document in counted for hour in document["hours"])
    return database[Collection.FAILED_EVENTS].count_documents(undecided_of(rehearsal)) + only_counted


def _value(copy: Copy | None, rehearsal: Rehearsal) -> bytes | None:
    """None where nothing would be sent, or it would be another shop's."""
    if copy is None or copy.envelope.get("merchant") != rehearsal["merchant"]:
        return None
    value = copy.value()
    return None if is_too_large(value) else value
