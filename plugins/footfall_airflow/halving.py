"""Batches that were set aside become two halves each, until the message that no job can bear stands alone.

A half is an entry of process_events without a topic: it reads its messages from the copy of the whole.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.ledger import FINAL, OPEN_RANGES
from contracts.names import BatchState, Collection, DagId
from contracts.set_aside import DamagedCopy, Record, records_of
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger

log = logging.getLogger("footfall.halving")

KEPT = timedelta(days=7)
"""A copy of which every message is in the reports or in the inbox stays as long as the topic would have kept it."""


def halve_all(database: Database[Document], run: str, now: datetime, lease_seconds: int) -> int:
    """Halves what waits for it; answers how many. A copy that is damaged is left, named in the log, and holds the watermark."""
    ledger, count = Ledger(database, DagId.PROCESS_EVENTS, lease_seconds), 0
    for entry in database[Collection.BATCHES].find({"state": BatchState.SET_ASIDE, "halved_at": None}):
        try:
            halve(database, ledger, entry, run, now)
            count += 1
        except DamagedCopy as damage:
            log.error("Batch %s cannot be halved: %s Restore the collection set_aside.", entry["_id"], damage)
    _let_go(database, now)
    return count


def halve(database: Database[Document], ledger: Ledger, entry: Document, run: str, now: datetime) -> None:
    """Books both halves, once; raises DamagedCopy."""
    root = entry["root"] if "root" in entry else entry["_id"]
    records = list(_places(database, root, entry["ranges"]))
    if len(records) != entry["messages"]:
        raise DamagedCopy(f"{len(records)} of {entry['messages']} messages are in the copy.")
    middle = len(records) // 2
    for part, half in enumerate((records[:middle], records[middle:])):
        content = _content(half) | {"root": root, "origin": _origin(entry)}
        try:
            ledger.book(run, now, parent=entry["_id"], part=part, **content)
        except DuplicateKeyError:
            log.info("Half %d of batch %s is booked already.", part, entry["_id"])
    database[Collection.BATCHES].update_one({"_id": entry["_id"]}, {"$set": {"halved_at": now}})


def _origin(entry: Document) -> Document:
    return entry.get("origin") or {name: entry[name] for name in ("topic", "topic_id")}


def _content(records: Sequence[Record]) -> dict[str, Any]:
    """Messages, the range of each partition, and the time of the oldest message."""
    ranges: dict[str, list[int]] = {}
    for record in records:
        ranges.setdefault(str(record.partition), [record.offset, 0])[1] = record.offset + 1
    oldest_ms = min(record.time_ms for record in records)
    return {
        "messages": len(records),
        "ranges": ranges,
        "oldest_at": datetime.fromtimestamp(oldest_ms / 1000, UTC),
    }


def _places(database: Database[Document], root: int, ranges: dict[str, list[int]]) -> Iterator[Record]:
    """The copy's records of these ranges, in their order, without their values."""
    for chunk in database[Collection.SET_ASIDE].find({"batch": root}, batch_size=2).sort("number", 1):
        for record in records_of(chunk["body"], chunk["sha256"]):
            start, end = ranges.get(str(record.partition), (0, 0))
            if start <= record.offset < end:
                yield Record(record.partition, record.offset, record.time_ms, None)


def _let_go(database: Database[Document], now: datetime) -> None:
    """Copies of which nothing is open any more vanish after a while; not those of a batch that is being set aside."""
    copies, batches = database[Collection.SET_ASIDE], database[Collection.BATCHES]
    for root in copies.distinct("batch", {"expires_at": None}):
        is_open = {"$and": [{"$or": [{"_id": root}, {"root": root}]}, dict(OPEN_RANGES)]}
        is_at_work = {"_id": root, "state": {"$nin": list(FINAL)}}
        if batches.find_one({"$or": [is_open, is_at_work]}) is None:
            copies.update_many({"batch": root}, {"$set": {"expires_at": now + KEPT}})
