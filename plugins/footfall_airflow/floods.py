"""A flood of one cause: so many messages are kept whole, the rest are counted. The archive holds the bytes of each.

A message is counted by its place in the events topic, so that an error that is published twice counts once.
"""

from collections.abc import Iterable
from datetime import datetime

from pymongo import ReplaceOne
from pymongo.database import Database

from contracts.floods import Places, counted_fields, unpacked
from contracts.inbox import OPEN, FailedStatus, cause_of
from contracts.names import Collection
from footfall_airflow.database import Document
from repairs.failures import Failure

_CLOSED = (FailedStatus.REPAIRED, FailedStatus.DROPPED)


class Room:
    """How many more messages of each cause are kept whole; what is repaired or dropped makes room."""

    def __init__(self, database: Database[Document], most: int) -> None:
        self._failed = database[Collection.FAILED_EVENTS]
        self._most = most
        self._left: dict[str, int] = {}

    def take(self, cause: str) -> bool:
        if cause not in self._left:
            whole = {"cause": cause, "status": {"$in": list(OPEN)}, "is_slim": False}
            self._left[cause] = self._most - self._failed.count_documents(whole, limit=max(self._most, 1))
        self._left[cause] -= 1
        return self._left[cause] >= 0

    def tidy(self) -> None:
        """Of the causes that came up, the oldest repaired and dropped messages beyond the limit lose their bytes."""
        for cause in self._left:
            excess = self._failed.count_documents({"cause": cause, "is_slim": False}) - self._most
            if excess > 0:
                closed = {"cause": cause, "status": {"$in": list(_CLOSED)}, "is_slim": False}
                ids = [one["_id"] for one in self._failed.find(closed, {"_id": 1}).sort("filed_at", 1).limit(excess)]
                gone = {"original": "", "envelope": "", "attempts.$[].message": ""}
                self._failed.update_many({"_id": {"$in": ids}}, {"$set": {"is_slim": True}, "$unset": gone})


class Counted:
    """The errors of a batch that are counted only; `write` keeps them."""

    def __init__(self, database: Database[Document]) -> None:
        self._causes = database[Collection.ERROR_CAUSES]
        self._documents: dict[str, Document] = {}
        self._places: dict[str, Places] = {}
        self._changed: set[str] = set()
        self._loaded: set[str] = set()

    def load(self, failures: Iterable[Failure]) -> None:
        """What was counted before of the causes and batches of these."""
        keys = {_key(failure) for failure in failures} - self._loaded
        for document in self._causes.find({"_id": {"$in": list(keys)}}):
            self._documents[document["_id"]] = document
            self._places[document["_id"]] = unpacked(document["places"])
        self._loaded |= keys

    def has(self, failure: Failure) -> bool:
        partition, offset = _place(failure)
        return offset in self._places.get(_key(failure), {}).get(partition, {})

    def add(self, failure: Failure, is_dropped: bool, now: datetime) -> None:
        key, (partition, offset) = _key(failure), _place(failure)
        self._places.setdefault(key, {}).setdefault(partition, {})[offset] = [_hour(failure), is_dropped]
        seen = failure.facts["received_at"] or now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = self._documents.setdefault(key, _new_document(key, failure, seen))
        document["first_seen"] = min(document["first_seen"], seen)
        document["last_seen"] = max(document["last_seen"], seen)
        self._changed.add(key)

    def write(self) -> None:
        writes = [
            ReplaceOne({"_id": key}, self._documents[key] | counted_fields(self._places[key]), upsert=True)
            for key in sorted(self._changed)
        ]
        if writes:
            self._causes.bulk_write(writes, ordered=False)


def drop_counted(database: Database[Document], cause: str) -> int:
    """What was counted of the cause is dropped; answers the number of messages that were not before."""
    dropped = 0
    for document in database[Collection.ERROR_CAUSES].find({"cause": cause, "hours.waiting": {"$gt": 0}}):
        places = unpacked(document["places"])
        dropped += sum(hour["waiting"] for hour in document["hours"])
        all_dropped = {p: {offset: [hour, True] for offset, (hour, _) in found.items()} for p, found in places.items()}
        database[Collection.ERROR_CAUSES].update_one({"_id": document["_id"]}, {"$set": counted_fields(all_dropped)})
    return dropped


def _key(failure: Failure) -> str:
    return f"{failure.cause}/{failure.facts['batch']}"


def _place(failure: Failure) -> tuple[str, str]:
    place = failure.facts["place"]
    return str(place["partition"]), str(place["offset"])


def _hour(failure: Failure) -> str:
    return str(failure.facts["event_hour"] or "")


def _new_document(key: str, failure: Failure, seen: str) -> Document:
    facts = failure.facts
    cause = cause_of(facts["merchant"], facts["code"], facts["field"], failure.event)
    return {"_id": key, "cause": failure.cause, **cause, "batch": facts["batch"], "first_seen": seen, "last_seen": seen}
