"""What became of the rejected messages of some hours: waiting, repaired or dropped. A rejected copy shares its arrival's fate."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from contracts.inbox import AttemptOutcome, FailedStatus
from contracts.names import Collection

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fates:
    waiting: int = 0
    repaired: int = 0
    dropped: int = 0

    @property
    def known(self) -> int:
        return self.waiting + self.repaired + self.dropped


def read_fates(database: Database[Document], merchant: str, hours: Iterable[str]) -> Fates:
    """Of the shop's messages that are rejected in these hours (keys)."""
    wanted = list(hours)
    counts: Counter[str] = Counter()
    of_hours = {"$in": wanted}
    by_status: Document = {"$group": {"_id": "$status", "count": {"$sum": 1}}}
    arrivals: list[Document] = [{"$match": {"merchant": merchant, "event_hour": of_hours}}, by_status]
    copies: list[Document] = [
        {"$match": {"merchant": merchant, "attempts.event_hour": of_hours}},
        {"$unwind": "$attempts"},
        {"$match": {"attempts.event_hour": of_hours, "attempts.outcome": AttemptOutcome.REJECTED}},
        by_status,
    ]
    for stages in (arrivals, copies):
        for row in database[Collection.FAILED_EVENTS].aggregate(stages):
            counts[row["_id"]] += row["count"]
    counted: list[Document] = [
        {"$match": {"merchant": merchant}},
        {"$unwind": "$hours"},
        {"$match": {"hours.hour": of_hours}},
    ]
    sums: Document = {
        "$group": {"_id": None, "waiting": {"$sum": "$hours.waiting"}, "dropped": {"$sum": "$hours.dropped"}}
    }
    flood = next(database[Collection.ERROR_CAUSES].aggregate([*counted, sums]), {"waiting": 0, "dropped": 0})
    repaired, dropped = counts.pop(FailedStatus.REPAIRED, 0), counts.pop(FailedStatus.DROPPED, 0)
    return Fates(sum(counts.values()) + flood["waiting"], repaired, dropped + flood["dropped"])
