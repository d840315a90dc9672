"""The books of an hour: what arrived, what became of it, and what became of the rejected since. Arithmetic alone.

received + returned = accepted + duplicate + bot + rejected, and rejected = waiting + repaired + dropped. The first line
is the quality report's; the second sets its `rejected` against the error inbox, which is filled a little later: a
difference counts only once the hour is *settled* (`is_settled`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, TypeVar

from contracts.inbox import AttemptOutcome, FailedStatus

FATES: Mapping[str, tuple[str, ...]] = {
    "waiting": (FailedStatus.WAITING, FailedStatus.REPAIRING, FailedStatus.PARKED),
    "repaired": (FailedStatus.REPAIRED,),
    "dropped": (FailedStatus.DROPPED,),
}
"""Fate of a rejected arrival -> statuses in `failed_events` that mean it."""

CLOCKS_DIFFER_BY = timedelta(seconds=10)
"""A report is stamped by the job's clock, the error inbox's watermark by Airflow's."""


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of the rejected messages of one hour, or of several; `filed` counts statuses that nobody knows too."""

    filed: int = 0
    waiting: int = 0
    repaired: int = 0
    dropped: int = 0

    @property
    def known(self) -> int:
        return self.waiting + self.repaired + self.dropped


@dataclass(frozen=True, slots=True)
class Books:
    """Messages of one hour, or of several added up. `on_its_way`: rejected, and not in the inbox yet, or the other
    way round. `not_accounted_for` adds up the hours' differences without their signs: two wrong hours are no right day.
    """

    received: int = 0
    returned: int = 0
    accepted: int = 0
    duplicate: int = 0
    bot: int = 0
    rejected: int = 0
    waiting: int = 0
    repaired: int = 0
    dropped: int = 0
    on_its_way: int = 0
    not_accounted_for: int = 0

    @property
    def adds_up(self) -> bool:
        return self.not_accounted_for == 0

    @property
    def is_settled(self) -> bool:
        return self.on_its_way == 0


def hour_books(counts: Mapping[str, int], fates: Fates, is_settled: bool) -> Books:
    """`counts`: of the hour's quality report, empty where it has none."""
    arrived = {name: int(counts.get(name, 0)) for name in ("received", "returned")}
    outcomes = {name: int(counts.get(name, 0)) for name in ("accepted", "duplicate", "bot", "rejected")}
    without_outcome = abs(sum(arrived.values()) - sum(outcomes.values()))
    without_fate = abs(outcomes["rejected"] - fates.known)
    return Books(
        **arrived,
        **outcomes,
        waiting=fates.waiting,
        repaired=fates.repaired,
        dropped=fates.dropped,
        on_its_way=0 if is_settled else without_fate,
        not_accounted_for=without_outcome + (without_fate if is_settled else 0),
    )


def is_settled(
    rejected: int, filed: int, computed_at: datetime | None, filed_until: datetime | None, busy: bool
) -> bool:
    """Whether a difference between report and inbox of an hour is one, and not a message on its way.

    More rejected than filed: every error that was sent before the report was computed must be filed, so the errors'
    watermark (`filed_until`) lies behind `computed_at`. More filed than rejected: no batch that touches the hour is at
    work (`busy`), since errors are sent before the hours are computed. Exact where the four are read in this order:
    watermark, inbox, batches at work, report.
    """
    if rejected == filed:
        return True
    if rejected < filed:
        return not busy
    return computed_at is None or (filed_until is not None and filed_until >= computed_at + CLOCKS_DIFFER_BY)


Counts = TypeVar("Counts", Books, Fates)


def added(kind: type[Counts], counts: Iterable[Counts]) -> Counts:
    """The sum, number by number."""
    found = list(counts)
    return kind(**{item.name: sum(getattr(one, item.name) for one in found) for item in fields(kind)})


Stages = list[dict[str, Any]]


def filed_pipelines(merchant: str, hours: Sequence[str]) -> tuple[Stages, Stages]:
    """Two aggregations of `failed_events` to ({hour, status}, count): arrivals, and copies of them that were rejected again.

    A rejected copy shares its arrival's fate. `hours` are keys; hours between the first and the last come along.
    """
    between = {"$gte": min(hours), "$lte": max(hours)}
    arrivals: Stages = [{"$match": {"merchant": merchant, "event_hour": between}}, _by_hour("$event_hour")]
    copies: Stages = [
        {"$match": {"merchant": merchant, "attempts.event_hour": between}},
        {"$unwind": "$attempts"},
        {"$match": {"attempts.event_hour": between, "attempts.outcome": AttemptOutcome.REJECTED}},
        _by_hour("$attempts.event_hour"),
    ]
    return arrivals, copies


def _by_hour(hour: str) -> dict[str, Any]:
    return {"$group": {"_id": {"hour": hour, "status": "$status"}, "count": {"$sum": 1}}}


def floods_pipeline(merchant: str, hours: Sequence[str]) -> Stages:
    """Aggregation of `error_causes` to hour key, waiting, dropped: of a flood the inbox keeps counts instead of documents."""
    sums = {fate: {"$sum": f"$hours.{fate}"} for fate in ("waiting", "dropped")}
    return [
        {"$match": {"merchant": merchant}},
        {"$unwind": "$hours"},
        {"$match": {"hours.hour": {"$gte": min(hours), "$lte": max(hours)}}},
        {"$group": {"_id": "$hours.hour", **sums}},
    ]


def fates_by_hour(
    filed: Iterable[Mapping[str, Any]], floods: Iterable[Mapping[str, Any]], hours: Iterable[str]
) -> dict[str, Fates]:
    """Fates by hour key, from what `filed_pipelines` and `floods_pipeline` give."""
    counts: dict[str, dict[str, int]] = {hour: dict.fromkeys(("filed", *FATES), 0) for hour in hours}
    fates = {status: fate for fate, statuses in FATES.items() for status in statuses}
    found = [(one["_id"].get("hour"), one["_id"].get("status"), one["count"]) for one in filed]
    found += [(one["_id"], fate, int(one[fate])) for one in floods for fate in ("waiting", "dropped")]
    for hour, status, count in found:
        if hour in counts:
            counts[hour]["filed"] += count
            if status in fates:
                counts[hour][fates[status]] += count
    return {hour: Fates(**of_hour) for hour, of_hour in counts.items()}
