"""Promises that are a number below a limit: a table of checks, each a question and its limit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from contracts.ledger import AT_WORK
from contracts.names import Collection, DagId, Topic
from contracts.promises import CheckName, PromiseState
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.ledger import open_since_of, position_of
from footfall_airflow.offsets import Broker
from footfall_airflow.promises import Look
from footfall_airflow.ranges import LostRange
from footfall_airflow.watermarks import watermark_of


@dataclass(frozen=True, slots=True)
class World:
    """What a check may ask, at one instant."""

    database: Database[Document]
    broker: Broker
    now: datetime

    def oldest_unread(self, topic: Topic) -> datetime | None:
        """Kafka's time of the oldest message that no batch owns; None without one. Raises LostRange."""
        state = self.broker.read_state(topic)
        starts = position_of(self.database, topic).starts(state)
        unread = {partition: start for partition, start in starts.items() if start < state.ends[partition]}
        return min((self.broker.time_of(topic, partition, start) for partition, start in unread.items()), default=None)

    def has_backlog(self, topic: Topic) -> bool:
        """A batch at work, a part of one that is set aside, or messages that no batch owns."""
        of_topic = {"$or": [{"topic": topic}, {"origin.topic": topic}]}
        if self.database[Collection.BATCHES].find_one({"$and": [of_topic, dict(AT_WORK)]}, {"_id": 1}):
            return True
        return self.oldest_unread(topic) is not None


@dataclass(frozen=True, slots=True)
class Check:
    """`measure`: seconds, None where there is nothing to measure; `sentence` takes `seconds` and `limit`."""

    name: CheckName
    subject: str
    measure: Callable[[World], float | None]
    limit: Callable[[Settings], int]
    sentence: str


def _behind(world: World) -> float | None:
    """How old the watermark is while there is something to do."""
    mark = watermark_of(world.database, Topic.EVENTS)
    if mark is None or not world.has_backlog(Topic.EVENTS):
        return None
    open_since = open_since_of(world.database, DagId.PROCESS_EVENTS)
    return (world.now - min(mark, open_since or mark)).total_seconds()


def _lag(topic: Topic) -> Callable[[World], float | None]:
    def measure(world: World) -> float | None:
        oldest = world.oldest_unread(topic)
        return None if oldest is None else (world.now - oldest).total_seconds()

    return measure


CHECKS = (
    Check(
        CheckName.FRESHNESS,
        "reports",
        _behind,
        lambda settings: settings.promise_freshness_seconds,
        "Reports are complete until {seconds} s ago although there are events to process; the limit is {limit} s.",
    ),
    *(
        Check(
            CheckName.LAG,
            str(topic),
            _lag(topic),
            lambda settings: settings.promise_lag_seconds,
            f"{topic}: the oldest unread message has waited for {{seconds}} s; the limit is {{limit}} s. Kafka drops it in the end.",
        )
        for topic in (Topic.EVENTS, Topic.ERRORS)
    ),
)


def look_at_limits(world: World, settings: Settings) -> dict[CheckName, dict[str, Look]]:
    """The looks of every check of the table, by name and subject."""
    looks: dict[CheckName, dict[str, Look]] = {}
    for check in CHECKS:
        looks.setdefault(check.name, {})[check.subject] = _look(check, world, settings)
    return looks


def _look(check: Check, world: World, settings: Settings) -> Look:
    limit = check.limit(settings)
    try:
        seconds = check.measure(world)
    except LostRange as lost:
        return Look(PromiseState.BROKEN, str(lost))
    if seconds is None or seconds <= limit:
        return Look()
    return Look(PromiseState.BROKEN, check.sentence.format(seconds=f"{seconds:,.0f}", limit=f"{limit:,}"))
