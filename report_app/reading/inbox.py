"""The error inbox of a shop: causes with what became of their messages, and a few messages of one cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as of
from typing import Any

from pymongo.database import Database

from contracts.inbox import OPEN, FailedStatus
from contracts.names import Collection

Document = dict[str, Any]
SAMPLES = 3
MOST_CAUSES = 500


@dataclass(slots=True)
class Cause:
    """Counts of messages by status; `counted` are those of the parked and dropped that have no document of their own.

    Times are ISO 8601 in UTC. `rule` is the document of `repair_rules`, null where nobody decided anything.
    """

    id: str
    code: str
    field: str | None
    event: str | None
    first_seen: str
    last_seen: str
    by_status: dict[FailedStatus, int] = of(default_factory=lambda: dict.fromkeys(FailedStatus, 0))
    counted: int = 0
    rule: Document | None = None

    @property
    def waiting(self) -> int:
        return sum(self.by_status[status] for status in OPEN)

    def add(self, status: FailedStatus, count: int, first_seen: str, last_seen: str) -> None:
        self.by_status[status] += count
        self.first_seen = min(self.first_seen, first_seen)
        self.last_seen = max(self.last_seen, last_seen)


def read_causes(database: Database[Document], merchant: str, only: str | None = None) -> list[Cause]:
    """The shop's causes, those with most waiting messages first; `only` the one of this id where it is given."""
    query = {"merchant": merchant, "cause": only if only is not None else {"$type": "string"}}
    causes: dict[str, Cause] = {}
    for row in database[Collection.FAILED_EVENTS].aggregate(_by_cause(query)):
        seen = (row["first_seen"] or "", row["last_seen"] or "")
        cause = causes.setdefault(row["_id"]["cause"], _cause(row["_id"]["cause"], row, seen))
        cause.add(FailedStatus(row["_id"]["status"]), row["count"], *seen)
    for document in database[Collection.ERROR_CAUSES].find(query, {"places": 0}):
        seen = (document["first_seen"], document["last_seen"])
        _add_counted(causes.setdefault(document["cause"], _cause(document["cause"], document, seen)), document)
    for rule in database[Collection.REPAIR_RULES].find({"_id": {"$in": list(causes)}, "merchant": merchant}):
        causes[rule["_id"]].rule = rule
    return sorted(causes.values(), key=lambda cause: (-cause.waiting, cause.code, cause.id))[:MOST_CAUSES]


def _by_cause(query: Mapping[str, Any]) -> list[Document]:
    """The code and field of a cause are those of its latest rejection, which may be a copy's."""
    latest = {"$last": "$attempts"}
    facts = {name: {"$first": {"$ifNull": [f"$latest.{name}", f"${name}"]}} for name in ("code", "field")}
    group = {
        "_id": {"cause": "$cause", "status": "$status"},
        "count": {"$sum": 1},
        "first_seen": {"$min": "$received_at"},
        "last_seen": {"$max": "$received_at"},
        "event": {"$first": "$event"},
        **facts,
    }
    return [{"$match": query}, {"$set": {"latest": latest}}, {"$group": group}]


def _cause(cause: str, facts: Mapping[str, Any], seen: tuple[str, str]) -> Cause:
    return Cause(cause, facts["code"], facts["field"], facts["event"], *seen)


def _add_counted(cause: Cause, document: Document) -> None:
    for status, name in ((FailedStatus.PARKED, "waiting"), (FailedStatus.DROPPED, "dropped")):
        count = sum(hour[name] for hour in document["hours"])
        cause.add(status, count, document["first_seen"], document["last_seen"])
        cause.counted += count


def read_cause(database: Database[Document], merchant: str, cause: str) -> Cause | None:
    found = read_causes(database, merchant, cause)
    return found[0] if found else None


def sample_texts(database: Database[Document], merchant: str, cause: str) -> list[str]:
    """The JSON text of the newest messages that are kept whole, as their latest copy left them."""
    query = {"merchant": merchant, "cause": cause, "is_slim": False}
    found = database[Collection.FAILED_EVENTS].find(query).sort("filed_at", -1).limit(SAMPLES)
    return [_text(document) for document in found]


def _text(document: Document) -> str:
    attempts: Iterable[Document] = reversed(document["attempts"])
    sent = next((one["message"] for one in attempts if "message" in one), None)
    return sent if sent is not None else bytes(document["original"]).decode("utf-8", "replace")
