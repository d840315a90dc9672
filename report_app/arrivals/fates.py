"""What became of arrivals, from what the ledger and the error inbox say.

The collector's own rejections are in the envelope. All else is known when the arrival's batch is in the reports: an error
that the job found is in the inbox, or counted there, once the errors' watermark lies behind the batch. What is in
neither is counted, or a copy of what came before.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.database import Database

from contracts.books import CLOCKS_DIFFER_BY
from contracts.ledger import DONE
from contracts.names import BatchState, Collection, Topic
from report_app.arrivals.arrival import Arrival, Place
from report_app.reading.freshness import watermark_of

Document = dict[str, Any]
ENDED = [*DONE, BatchState.SET_ASIDE]
FEW_BATCHES, MANY_BATCHES = 50, 1_000
"""Of what is looked for most is in the newest; an hour has no more than the larger number."""
_FIELDS = {"state": 1, "ranges": 1, "reported_at": 1, "committed_at": 1}


class FateState(StrEnum):
    RECEIVED = "received"
    COUNTED = "counted"
    COPY = "copy"
    REJECTED = "rejected"
    HELD_BACK = "held_back"


@dataclass(frozen=True, slots=True)
class Fate:
    """`code` and `field` of what is rejected, `first_at` of the arrival that a copy repeats."""

    state: FateState
    code: str = ""
    field: str = ""
    first_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        return self.state not in (FateState.RECEIVED, FateState.HELD_BACK)


RECEIVED = Fate(FateState.RECEIVED)


def first_fate(arrival: Arrival) -> Fate:
    """What is known as soon as it is in the topic."""
    return Fate(FateState.REJECTED, arrival.code, arrival.field or "") if arrival.code else RECEIVED


def read_fates(
    database: Database[Document],
    merchant: str,
    topic_id: str,
    arrivals: Sequence[Arrival],
    first_of_copies: Mapping[tuple[str, str], Arrival],
) -> dict[Place, Fate]:
    """Of the shop's arrivals, those whose batch has ended. `topic_id` is Kafka's id of the topic they were read from.

    What is read first is the oldest: an error that is filed meanwhile is found, one that was not filed is not missed.
    """
    filed_until = watermark_of(database, Topic.ERRORS)
    batches = _batches_of(database, topic_id, arrivals)
    done = {place: batch for place, batch in batches.items() if batch["state"] in DONE}
    ended = [arrival for arrival in arrivals if arrival.place in done]
    rejected = _filed(database, merchant, ended) | _counted(database, merchant, {one["_id"] for one in done.values()})
    found = {place: Fate(FateState.HELD_BACK) for place in batches if place not in done}
    for arrival in ended:
        if arrival.place in rejected:
            found[arrival.place] = rejected[arrival.place]
        elif _is_filed(done[arrival.place], filed_until):
            found[arrival.place] = _counted_or_copy(arrival, first_of_copies)
    return found


def _batches_of(database: Database[Document], topic_id: str, arrivals: Iterable[Arrival]) -> dict[Place, Document]:
    """The newest entry of the ledger that has taken each of these places; of one that was set aside that may be a half."""
    places = [arrival.place for arrival in arrivals]
    found: dict[Place, Document] = {}
    for limit in (FEW_BATCHES, MANY_BATCHES):
        batches = _batches(database, topic_id, limit)
        found = _by_place(batches, places)
        if len(batches) < limit or len(found) == len(places) or not _are_below(batches[0], places):
            break
    aside = list({batch["_id"] for batch in found.values() if batch["state"] == BatchState.SET_ASIDE})
    halves = database[Collection.BATCHES].find({"root": {"$in": aside}}, _FIELDS, sort=[("_id", 1)]) if aside else ()
    return found | _by_place([half for half in halves if half["state"] in ENDED], places)


def _batches(database: Database[Document], topic_id: str, limit: int) -> list[Document]:
    """The newest of the topic whose messages are in the reports, or set aside; the oldest of them first."""
    query = {"topic": str(Topic.EVENTS), "topic_id": topic_id, "state": {"$in": ENDED}}
    return list(database[Collection.BATCHES].find(query, _FIELDS, sort=[("_id", -1)], limit=limit))[::-1]


def _are_below(oldest: Document, places: Iterable[Place]) -> bool:
    return any(offset < oldest["ranges"].get(str(partition), [0])[0] for partition, offset in places)


def _by_place(batches: Iterable[Document], places: Sequence[Place]) -> dict[Place, Document]:
    found = {}
    for batch in batches:
        for place in places:
            first, end = batch["ranges"].get(str(place[0]), (0, 0))
            if first <= place[1] < end:
                found[place] = batch
    return found


def _filed(database: Database[Document], merchant: str, arrivals: Iterable[Arrival]) -> dict[Place, Fate]:
    places = {arrival.envelope_id: arrival.place for arrival in arrivals}
    query = {"_id": {"$in": list(places)}, "merchant": merchant}
    documents = database[Collection.FAILED_EVENTS].find(query, {"code": 1, "field": 1})
    return {places[one["_id"]]: _rejected(one) for one in documents}


def _counted(database: Database[Document], merchant: str, batches: Iterable[int]) -> dict[Place, Fate]:
    """Of a flood the inbox keeps places only."""
    query = {"merchant": merchant, "batch": {"$in": list(batches)}}
    found = {}
    for document in database[Collection.ERROR_CAUSES].find(query, {"code": 1, "field": 1, "places": 1}):
        for partition, offsets in json.loads(zlib.decompress(document["places"])).items():
            found.update({(int(partition), int(offset)): _rejected(document) for offset in offsets})
    return found


def _rejected(document: Document) -> Fate:
    return Fate(FateState.REJECTED, document["code"], document["field"] or "")


def _is_filed(batch: Document, filed_until: datetime | None) -> bool:
    computed_at = batch.get("reported_at") or batch.get("committed_at")
    return filed_until is not None and computed_at is not None and filed_until >= computed_at + CLOCKS_DIFFER_BY


def _counted_or_copy(arrival: Arrival, first_of_copies: Mapping[tuple[str, str], Arrival]) -> Fate:
    first = first_of_copies.get(arrival.copy_key) if arrival.copy_key else None
    if first is None or first.place == arrival.place:
        return Fate(FateState.COUNTED)
    return Fate(FateState.COPY, first_at=first.received_at)
