"""Promises that are a number of seconds below a limit: a table of questions; the limits are those of the declared checks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from contracts.erasures import OPEN
from contracts.ledger import AT_WORK
from contracts.names import Collection, DagId, Topic
from contracts.promises import CHECKS, CheckName, PromiseState
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.ledger import open_since_of, position_of
from footfall_airflow.offsets import Broker
from footfall_airflow.promises import Look, measured
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
class Limit:
    """`measure`: seconds, None where there is nothing to measure; `sentence` takes `seconds` and `limit`, the declared one."""

    name: CheckName
    subject: str
    measure: Callable[[World], float | None]
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


def _unforgotten(world: World) -> float | None:
    """How long the oldest erasure has been open since it was confirmed, or since a restore opened it again."""
    query = {"is_confirmed": True, "state": {"$in": [str(state) for state in OPEN]}}
    oldest = {"$min": {"$ifNull": ["$opened_again_at", "$confirmed_at"]}}
    found = world.database[Collection.ERASURES].aggregate(
        [{"$match": query}, {"$group": {"_id": None, "since": oldest}}]
    )
    return next(((world.now - one["since"]).total_seconds() for one in found), None)


LIMITS = (
    Limit(
        CheckName.ERASURES,
        "people",
        _unforgotten,
        "A person who is to be forgotten has waited for {seconds} s; the limit is {limit} s.",
    ),
    Limit(
        CheckName.FRESHNESS,
        "reports",
        _behind,
        "Reports are complete until {seconds} s ago although there are events to process; the limit is {limit} s.",
    ),
    *(
        Limit(
            CheckName.LAG,
            str(topic),
            _lag(topic),
            f"{topic}: the oldest unread message has waited for {{seconds}} s; the limit is {{limit}} s. Kafka drops it in the end.",
        )
        for topic in (Topic.EVENTS, Topic.ERRORS)
    ),
)


def look_at_limits(world: World, settings: Settings) -> dict[CheckName, dict[str, Look]]:
    """The looks of the whole table, by name and subject."""
    looks: dict[CheckName, dict[str, Look]] = {}
    for one in LIMITS:
        looks.setdefault(one.name, {})[one.subject] = _look(one, world, settings)
    return looks


def _look(one: Limit, world: World, settings: Settings) -> Look:
    limit = CHECKS[one.name].limit(settings)
    try:
        seconds = one.measure(world) or 0.0
    except LostRange as lost:
        return Look(PromiseState.BROKEN, str(lost))
    sentence = one.sentence.format(seconds=f"{seconds:,.0f}", limit=f"{limit:,.0f}")
    return measured(one.name, one.subject, seconds, limit, sentence)
