"""Promises that `watch_promises` looks after: the table of its checks, and one document of `promises` for each promise that
broke or is in doubt.

The checks, the alerts, the status page and `docs/promises.md` all read the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NotRequired, TypedDict

from contracts.settings import Settings

STALE: Final = timedelta(minutes=20)
"""Four looks: after that nobody knows."""
FORGOTTEN_AFTER: Final = timedelta(days=90)
MOST_PAST_BREAKS: Final = 5


class CheckName(StrEnum):
    BACKUPS = "backups"
    BOOKS = "books"
    DISK = "disk"
    ERASURES = "erasures"
    FRESHNESS = "freshness"
    LAG = "lag"
    REBUILDS = "rebuilds"
    REJECTED = "rejected"


class Unit(StrEnum):
    SECONDS = "seconds"
    SHARE = "share"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Threshold:
    """`of`: what is measured; `factor`: units of the check in one of the setting's."""

    of: str
    setting: str
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """`promise` and `what_now` are sentences. `is_least`: a value below the threshold breaks it, not one above.

    A check without thresholds holds where nothing is wrong.
    """

    title: str
    promise: str
    what_now: str
    unit: Unit
    thresholds: tuple[Threshold, ...] = ()
    is_least: bool = False

    def limit(self, settings: Settings, of: str | None = None) -> float:
        """In the check's unit; of its first threshold without `of`. Raises KeyError where there is none."""
        for one in self.thresholds:
            if of in (None, one.of):
                return float(getattr(settings, one.setting)) * one.factor
        raise KeyError(of)

    def is_broken(self, value: float, limit: float) -> bool:
        return value < limit if self.is_least else value > limit


PLATFORM: Final = "the whole platform"
SHOP: Final = "one shop"
REJECTED_WINDOW: Final = timedelta(hours=1)
FEWEST_MESSAGES: Final = 200
"""Of fewer messages no share is judged: one bad message of three is no alarm."""
JUMP: Final = 3
"""A shop's share of rejected messages is a broken promise where it is so many times that of the day before."""

CHECKS: Final[Mapping[CheckName, Check]] = {
    CheckName.FRESHNESS: Check(
        "Freshness",
        "While there are messages to process, reports are complete until a short while ago.",
        "See in Airflow whether process_events is paused or fails, and what its newest log says.",
        Unit.SECONDS,
        (Threshold("reports", "promise_freshness_seconds"),),
    ),
    CheckName.LAG: Check(
        "Lag",
        "No message waits in Kafka so long that Kafka might drop it unread.",
        "See which DAG is paused or fails: process_events reads the events, reprocess_errors the errors.",
        Unit.SECONDS,
        (Threshold("the oldest unread message of a topic", "promise_lag_seconds"),),
    ),
    CheckName.BOOKS: Check(
        "Books",
        "Every message is accounted for: received is accepted, duplicate, bot and rejected, and every rejected one has its fate.",
        "Clear the run of process_events that last computed the hour; its receipt names it.",
        Unit.COUNT,
    ),
    CheckName.REJECTED: Check(
        "Rejected messages",
        "Few messages are rejected, and no shop's share of them jumps.",
        "The shop's inbox shows the causes; across all shops, see whether one sender or a release broke something.",
        Unit.SHARE,
        (Threshold(PLATFORM, "promise_rejected_share"), Threshold(SHOP, "promise_shop_rejected_share")),
    ),
    CheckName.REBUILDS: Check(
        "Rebuilt reports",
        "A report that is missing or damaged is computed again.",
        "The log of rebuild_reports says why it was not; then ask for the day again in the settings of the shop.",
        Unit.COUNT,
    ),
    CheckName.BACKUPS: Check(
        "Backups",
        "A proven copy of everything is never older than a night and a bit, one of what only people made never older than minutes.",
        "See the last run of back_up_databases, or of back_up_decisions.",
        Unit.SECONDS,
        (
            Threshold("nightly", "promise_backup_hours", 3_600),
            Threshold("decisions", "promise_decisions_seconds"),
        ),
    ),
    CheckName.ERASURES: Check(
        "Forgotten people",
        "A person who is to be forgotten is gone everywhere within a day.",
        "See the last runs of forget_people; erasures wait for batches that are unfinished, and for a night that is at work.",
        Unit.SECONDS,
        (Threshold("the oldest erasure that is confirmed and not done", "promise_erasure_hours", 3_600),),
    ),
    CheckName.DISK: Check(
        "Disks",
        "The disks of archive, databases, broker and Airflow have room.",
        "Make room or a larger disk: Kafka and MongoDB stop where theirs is full.",
        Unit.SHARE,
        (Threshold("free space of a disk", "promise_free_share"),),
        is_least=True,
    ),
}


class PromiseState(StrEnum):
    """Awaited: it cannot be told yet, and is looked at again. A promise that is kept and never broke has no document."""

    AWAITED = "awaited"
    BROKEN = "broken"
    MENDED = "mended"


class Break(TypedDict):
    since: datetime
    until: datetime


class ToldBreak(TypedDict):
    """The break that an alert told of and whose end no alert has told of yet."""

    sentence: str
    since: datetime


class Promise(TypedDict):
    """`_id` is `<check>/<subject>`. `since`: when it broke last (awaited: since when it is in doubt); `last`: when it was
    last seen so; `mended_at`: None while it is broken. `past`: its last breaks that are over, the newest last.
    """

    _id: str
    check: str
    subject: str
    state: str
    sentence: str
    since: datetime
    last: datetime
    mended_at: datetime | None
    past: NotRequired[list[Break]]
    told: NotRequired[ToldBreak]


class Measure(TypedDict):
    """Both in the check's unit."""

    of: str
    value: float
    limit: float


class Looked(TypedDict):
    """A document of `looks`: what a check measured when it looked last; `_id` is its name."""

    _id: str
    at: datetime
    measures: list[Measure]


def in_words(value: float, unit: Unit) -> str:
    """`42 h`, `5 min`, `12 s`, `3.2 %`, `7`."""
    if unit is Unit.SHARE:
        return f"{100 * value:.3g} %"
    if unit is Unit.COUNT:
        return f"{value:,.0f}"
    seconds = round(value)
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        # whole ones, or so many that the rest says nothing
        if seconds >= length and (seconds % length == 0 or seconds >= 10 * length):
            return f"{seconds // length:,} {name}"
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
