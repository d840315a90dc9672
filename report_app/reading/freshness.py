"""How fresh the platform is: the watermark, and what stands in its way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from contracts.ledger import CAUGHT_UP, DONE, FINAL, OPEN_RANGES
from contracts.names import Collection, Topic
from report_app.standing_in.choosing import stands_in

LATE_AFTER = timedelta(minutes=5)
_OF_BACKUP = "These are the numbers of the backup. What arrived since is kept and will be counted."


@dataclass(frozen=True, slots=True)
class Freshness:
    """`watermark`: up to when everything that arrived is in the reports; null before the first batch."""

    watermark: datetime | None
    is_late: bool
    why: str | None


def read_freshness(database: Database[dict[str, Any]], now: datetime) -> Freshness:
    """The platform's watermark at `now` (UTC), and when it is late, why in a sentence."""
    batches = database[Collection.BATCHES]
    mark = watermark_of(database, Topic.EVENTS)
    open_range = batches.find_one(dict(OPEN_RANGES), sort=[("oldest_at", 1)])
    limits = [now] if open_range is None else [now, _utc(open_range["oldest_at"])]
    watermark = min(mark, *limits) if mark else None
    is_late = watermark is not None and now - watermark > LATE_AFTER
    if not is_late:
        return Freshness(watermark, False, None)
    if stands_in(database):
        return Freshness(watermark, True, _OF_BACKUP)
    unfinished = {"topic": str(Topic.EVENTS), "state": {"$nin": list(FINAL)}}
    running = batches.find_one(unfinished, sort=[("_id", 1)])
    return Freshness(watermark, True, _why(running, open_range))


def watermark_of(database: Database[dict[str, Any]], topic: Topic) -> datetime | None:
    """Until when everything that arrived in the topic is done: in the reports, or in the error inbox. UTC.

    Of events it does not know of ranges that are set aside.
    """
    done = {"topic": str(topic), "state": {"$in": list(DONE)}}
    last = database[Collection.BATCHES].find_one(done, {"watermark": 1}, sort=[("_id", -1)])
    caught_up = database[Collection.PLATFORM].find_one({"_id": CAUGHT_UP[topic]})
    marks = [last and last.get("watermark"), caught_up and caught_up.get("caught_up_at")]
    return max((_utc(mark) for mark in marks if isinstance(mark, datetime)), default=None)


def _why(running: dict[str, Any] | None, open_range: dict[str, Any] | None) -> str:
    rest = "What arrived since is kept and will be counted."
    if open_range is not None:
        batch = open_range.get("root", open_range["_id"])
        return f"A part of batch {batch} could not be computed and is taken apart. Newer numbers are counted already."
    if running is None:
        return f"The reports wait for their next run. {rest}"
    attempt = int(running.get("attempt") or 1)
    tries = f" (attempt {attempt})" if attempt > 1 else ""
    return f"Batch {running['_id']} is still being computed{tries}. {rest}"


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
