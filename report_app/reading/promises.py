"""How the platform's promises stand, as `watch_promises` saw them last."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from pymongo.database import Database

from contracts.alerts import Alert, AlertKind
from contracts.names import Collection
from contracts.promises import CHECKS, STALE, CheckName, Looked, Measure, Promise, PromiseState

MOST_SENTENCES = 10
MOST_BREAKS = 20
MOST_ALERTS = 10


class Standing(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


WORST_FIRST = (Standing.BROKEN, Standing.UNKNOWN, Standing.KEPT)


@dataclass(frozen=True, slots=True)
class CheckView:
    """`since`: when the oldest break began. What is broken stays so while nobody looks; what was kept is then unknown."""

    name: CheckName
    standing: Standing
    looked_at: datetime | None
    measures: list[Measure]
    broken: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class BreakView:
    """`until` is null while it lasts."""

    check: CheckName
    sentence: str
    since: datetime
    until: datetime | None


def read_checks(database: Database[dict[str, Any]], now: datetime) -> list[CheckView]:
    """Every declared check, in the order of the table; nothing in them names a shop but measures."""
    looks = {one["_id"]: cast(Looked, one) for one in database[Collection.LOOKS].find()}
    broken = broken_by_check(database)
    return [_view(name, looks.get(name), broken.get(name), now) for name in CHECKS]


def _view(name: CheckName, looked: Looked | None, broken: tuple[int, datetime] | None, now: datetime) -> CheckView:
    at = looked["at"] if looked else None
    measures = looked["measures"] if looked else []
    if broken:
        return CheckView(name, Standing.BROKEN, at, measures, *broken)
    standing = Standing.UNKNOWN if at is None or now - at > STALE else Standing.KEPT
    return CheckView(name, standing, at, measures)


def standing_of(checks: list[CheckView]) -> Standing:
    """Of all together: the worst."""
    found = {check.standing for check in checks}
    return next(one for one in WORST_FIRST if one in found)


def broken_by_check(database: Database[dict[str, Any]]) -> dict[str, tuple[int, datetime]]:
    """Of each check that is broken: how many of its promises, and since when the first of them."""
    group = {"_id": "$check", "count": {"$sum": 1}, "since": {"$min": "$since"}}
    found = database[Collection.PROMISES].aggregate([{"$match": {"state": PromiseState.BROKEN}}, {"$group": group}])
    return {one["_id"]: (int(one["count"]), one["since"]) for one in found}


def read_broken(database: Database[dict[str, Any]], check: CheckName) -> list[str]:
    """Sentences, the newest first. They name shops: for operators only."""
    broken = {"check": check, "state": PromiseState.BROKEN}
    found = database[Collection.PROMISES].find(broken, {"sentence": 1}).sort("since", -1).limit(MOST_SENTENCES)
    return [one["sentence"] for one in found]


def read_breaks(database: Database[dict[str, Any]]) -> list[BreakView]:
    """The last breaks, the newest first. They name shops: for operators only."""
    seen = {"state": {"$in": [PromiseState.BROKEN, PromiseState.MENDED]}}
    found = database[Collection.PROMISES].find(seen).sort("since", -1).limit(MOST_BREAKS)
    breaks = [one for promise in found for one in _breaks_of(cast(Promise, promise))]
    return sorted(breaks, key=lambda one: one.since, reverse=True)[:MOST_BREAKS]


def _breaks_of(promise: Promise) -> list[BreakView]:
    """The one that lasts, and those before it."""
    check, sentence = CheckName(promise["check"]), promise["sentence"]
    breaks = [BreakView(check, sentence, one["since"], one["until"]) for one in promise.get("past", [])]
    if promise["state"] == PromiseState.BROKEN:
        breaks.append(BreakView(check, sentence, promise["since"], None))
    return breaks


def read_alerts(database: Database[dict[str, Any]]) -> list[Alert]:
    """The newest first."""
    found = database[Collection.ALERTS].find({"kind": AlertKind.PROMISES}).sort("at", -1).limit(MOST_ALERTS)
    return [cast(Alert, one) for one in found]
