"""The ledger's side of a catch-up: what the archive holds gets its entries, what it lacks of a range is to be read.

Of a batch that was set aside after the backup the archive may hold some parts, under numbers of their own, and lack others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from contracts.names import BatchState, DagId, Topic
from contracts.restores import ATTEMPTS_BEYOND
from spark_jobs.archive import Snapshot
from spark_jobs.catch_up_with_archive.archived import ArchivedBatch
from spark_jobs.catch_up_with_archive.spans import (
    Spans,
    as_ranges,
    ends_of,
    hull,
    messages_in,
    spans_of,
    without,
)
from spark_jobs.database import Document

RUN = "restore"


@dataclass(frozen=True, slots=True)
class Known:
    """What the restored ledger says of the topic of events.

    newest: its newest batch, None in a ledger without any. open: entries of which something is left to read, halves included.
    """

    topic_id: str
    newest: Document | None
    watermark: datetime | None
    open: Sequence[Document]


@dataclass(slots=True)
class Booking:
    """`new` entries, and changes to those there are, by id."""

    new: list[Document] = field(default_factory=list)
    changes: dict[int, Document] = field(default_factory=dict)


def book(known: Known, batches: Sequence[ArchivedBatch], snapshot: Snapshot, number: int, now: datetime) -> Booking:
    """Entries for `batches`, which are those that the ledger does not know as final; what is to be read gets the numbers
    after `number`. Pure.
    """
    booking, numbers = Booking(), count(number + 1)
    by_id = {batch.id: batch for batch in batches}
    open_ = {entry["_id"]: entry for entry in known.open}
    done = [batch for batch in batches if batch.id in open_]
    unknown = [batch for batch in batches if batch.id not in open_]
    ends = _ends(known, done)
    for batch in done:
        booking.changes[batch.id] = _done(batch, snapshot, now) | _as_archived(open_[batch.id], batch, ends)
    taken = spans_of(batch.ranges for batch in unknown)
    unread: list[dict[str, list[int]]] = []
    for entry in known.open:
        if entry["_id"] not in by_id and (rest := _rest(entry, taken)) is not None:
            booking.changes[entry["_id"]] = _divided(now)
            if _has_copy(entry):
                booking.new += _parts(entry, rest, numbers, now)
            else:
                unread += as_ranges(rest)
    chain = _Chain(known, ends, snapshot, now)
    booking.new += [chain.archived(batch) for batch in sorted(unknown, key=lambda batch: batch.id)]
    missed = spans_of([*unread, *as_ranges(without(_beyond(ends, taken), taken))])
    booking.new += [chain.planned(next(numbers), ranges) for ranges in as_ranges(missed)]
    return booking


def _rest(entry: Document, taken: Spans) -> Spans | None:
    """What the archive lacks of the entry's range; None where it has nothing of it, so that the entry stays what it is."""
    whole = spans_of([entry["ranges"]])
    rest = without(whole, taken)
    return None if rest == whole else rest


def _ends(known: Known, done: Sequence[ArchivedBatch]) -> dict[str, int]:
    """Where the ledger ends: its newest batch may have been extended after the backup."""
    planned = [_from_zero(known.newest["ends"])] if known.newest else []
    return ends_of([*planned, *(batch.ranges for batch in done)])


def _as_archived(entry: Document, batch: ArchivedBatch, ends: dict[str, int]) -> Document:
    """The range of an entry of which the archive may hold more than was planned at the time of the backup."""
    ranges = hull([entry["ranges"], batch.ranges])
    place = {"ends": ends} if "ends" in entry else {}
    return {"ranges": ranges, "messages": messages_in(ranges), **place}


def _beyond(ends: dict[str, int], taken: Spans) -> Spans:
    """From where the ledger ends, or where the archive begins, to the archive's end."""
    spans = {p: [(ends.get(str(p), found[0][0]), found[-1][1])] for p, found in taken.items()}
    return {partition: [span for span in found if span[1] > span[0]] for partition, found in spans.items()}


def _has_copy(entry: Document) -> bool:
    return "root" in entry or "copy" in entry


def _done(batch: ArchivedBatch, snapshot: Snapshot, now: datetime) -> Document:
    return {
        "state": BatchState.ANNOUNCED,
        "archived": {"sequence": snapshot.sequence, "snapshot": str(snapshot.snapshot_id)},
        "counts": dict(batch.counts),
        "hours": batch.hours,
        "touched": [],
        "lease": None,
        **dict.fromkeys(("recovered_at", "reported_at", "committed_at", "announced_at"), now),
    }


def _divided(now: datetime) -> Document:
    """As one that was set aside and halved: its messages are in other entries."""
    stamps = dict.fromkeys(("recovered_at", "halved_at", "reported_at", "announced_at"), now)
    return {"state": BatchState.SET_ASIDE, "lease": None, **stamps}


def _parts(entry: Document, rest: Spans, numbers: Iterator[int], now: datetime) -> Iterator[Document]:
    """They read their messages from the copy of the whole, as halves do."""
    origin = entry.get("origin") or {name: entry[name] for name in ("topic", "topic_id")}
    for part, ranges in enumerate(as_ranges(rest)):
        yield {
            **_planned(next(numbers), ranges, now),
            "parent": entry["_id"],
            "part": part,
            "root": entry.get("root", entry["_id"]),
            "origin": origin,
            "oldest_at": entry["oldest_at"],
        }


def _planned(number: int, ranges: dict[str, list[int]], now: datetime) -> Document:
    """With so many attempts that no job moves its end, and none of before the loss holds it."""
    return {
        "_id": number,
        "dag": DagId.PROCESS_EVENTS,
        "state": BatchState.PLANNED,
        "run": RUN,
        "runs": [],
        "attempt": ATTEMPTS_BEYOND,
        "lease": None,
        "not_before": None,
        "planned_at": now,
        "recovered_at": now,
        "ranges": ranges,
        "messages": messages_in(ranges),
    }


class _Chain:
    """Each batch of the topic follows the one before. Nothing claims more than the backup did: what is read next does."""

    def __init__(self, known: Known, ends: dict[str, int], snapshot: Snapshot, now: datetime) -> None:
        self._known, self._snapshot, self._now = known, snapshot, now
        self._last = known.newest["_id"] if known.newest else 0
        self._ends = ends

    def archived(self, batch: ArchivedBatch) -> Document:
        """A part of a batch that others have passed already is nobody's previous batch, like a half."""
        ranges = {partition: list(span) for partition, span in batch.ranges.items()}
        done = _done(batch, self._snapshot, self._now) | {"planned_at": batch.newest_at}
        entry = _planned(batch.id, ranges, self._now) | done
        if ends_of([_from_zero(self._ends), ranges]) == self._ends:
            return entry | {"origin": {"topic": Topic.EVENTS, "topic_id": self._known.topic_id}}
        return self._follows(entry)

    def planned(self, number: int, ranges: dict[str, list[int]]) -> Document:
        return self._follows(_planned(number, ranges, self._now))

    def _follows(self, entry: Document) -> Document:
        self._ends = ends_of([_from_zero(self._ends), entry["ranges"]])
        previous, self._last = self._last, entry["_id"]
        place: dict[str, Any] = {
            "topic": Topic.EVENTS,
            "topic_id": self._known.topic_id,
            "previous": previous,
            "ends": dict(self._ends),
            "watermark": self._known.watermark,
        }
        return entry | place


def _from_zero(ends: dict[str, int]) -> dict[str, list[int]]:
    return {partition: [0, end] for partition, end in ends.items()}
