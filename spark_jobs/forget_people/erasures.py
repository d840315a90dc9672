"""Documents of `erasures` as the job takes and moves them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pymongo.database import Database

from contracts.erasures import OPEN, READING, ErasedId, Erasure, ErasureState
from contracts.ledger import not_final_up_to
from contracts.names import Collection
from spark_jobs.database import Document

WAIT = timedelta(minutes=10)
"""Until the next look at what could not be cleared yet."""


def that_can_go_on(database: Database[Document], now: datetime) -> list[Erasure]:
    """Those of which every batch that may know less is final; oldest first, and those of which only what is older is left
    after all others. What waits for a person is left out.
    """
    waits_no_more = {"$or": [{"not_before": None}, {"not_before": {"$lte": now}}]}
    is_open = {"state": {"$in": [str(state) for state in OPEN]}, "after": {"$ne": None}}
    found = database[Collection.ERASURES].find({**is_open, **waits_no_more}).sort("ordered_at", 1)
    free = [cast(Erasure, one) for one in found if not _waits(database, one)]
    return sorted(free, key=lambda one: one["state"] == ErasureState.ERASED)


def _waits(database: Database[Document], erasure: Mapping[str, Any]) -> bool:
    if erasure["state"] == ErasureState.FOUND and not erasure["is_confirmed"]:
        return True
    return database[Collection.BATCHES].find_one(not_final_up_to(erasure["after"], *READING), {"_id": 1}) is not None


def move(database: Database[Document], erasure: Erasure, state: ErasureState, **values: Any) -> None:
    """Into another state, unless it is not in the one that was read any more; the next state waits for batches anew."""
    begins = {"state": str(state), "after": None, "not_before": None, "failure": None}
    change = begins | {"changed_at": datetime.now(UTC)} | values
    same = {"_id": erasure["_id"], "state": erasure["state"], "is_confirmed": erasure["is_confirmed"]}
    database[Collection.ERASURES].update_one(same, {"$set": change})


def note(database: Database[Document], erasure: Erasure, **values: Any) -> None:
    database[Collection.ERASURES].update_one({"_id": erasure["_id"]}, {"$set": values})


def note_found(database: Database[Document], erasure: Erasure, counts: Mapping[str, int]) -> None:
    """Before anything goes. An attempt that comes after a dead one finds less: the larger number is the true one."""
    larger = {f"found.{store}": count for store, count in counts.items()}
    database[Collection.ERASURES].update_one({"_id": erasure["_id"]}, {"$max": larger})


def note_traces(database: Database[Document], erasure: Erasure, **traces: Iterable[Any]) -> None:
    """Added to what earlier attempts noted."""
    added = {name: {"$each": list(some)} for name, some in traces.items()}
    database[Collection.ERASURES].update_one({"_id": erasure["_id"]}, {"$addToSet": added})


def linked(hashes: Iterable[tuple[str, str]], named: Iterable[ErasedId]) -> list[ErasedId]:
    """The ids of an erasure: (kind, hash) of all, of which some were named."""
    known = {(one["kind"], one["hash"]) for one in named}
    return [
        ErasedId(kind=str(kind), hash=hash_, is_named=(str(kind), hash_) in known)
        for kind, hash_ in sorted(set(hashes), key=lambda one: one[1])
    ]
