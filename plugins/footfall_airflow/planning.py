"""What a run works on: its own entry for ever, else an unfinished one, else a new batch or round."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.names import Collection, DagId, DueGroup, Topic
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.offsets import Broker
from footfall_airflow.ranges import LostRange, Offsets, TopicState, cut, unread

Clock = Callable[[], datetime]

REST = timedelta(minutes=1)
"""Between two batches that are planned for due hours alone: what one of them leaves due is not tried again at once."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def plan_batch(
    ledger: Ledger,
    broker: Broker,
    topic: Topic,
    run: str,
    most: int,
    now: Clock = utc_now,
    has_other_work: Callable[[datetime], bool] = lambda now: False,
) -> Document:
    """The run's ledger entry; a new one owns at most `most` messages, none where there is other work only.

    Where the topic has nothing to give, a half of a batch that was set aside is worked on out of its turn.
    Raises NothingToDo or LostRange.
    """
    while True:
        if entry := ledger.take(run, now()):
            return entry
        try:
            return _new_batch(ledger, broker, topic, run, most, now, has_other_work)
        except DuplicateKeyError:
            continue  # another planner was quicker: its batch is the one to look at
        except (NothingToDo, LostRange):
            if half := ledger.take_half(run, now()):
                return half
            raise


def _new_batch(
    ledger: Ledger,
    broker: Broker,
    topic: Topic,
    run: str,
    most: int,
    now: Clock,
    has_other_work: Callable[[datetime], bool],
) -> Document:
    position = ledger.position(topic)
    before = now()
    state = broker.read_state(topic)
    starts = position.starts(state)
    if not unread(starts, state.ends) and not has_other_work(before):
        raise NothingToDo(f"{topic} holds nothing beyond batch {position.batch}: every message has been read.")
    ends = cut(starts, state.ends, most)
    return ledger.plan(
        run,
        now(),
        topic=topic,
        topic_id=state.topic_id,
        previous=position.batch,
        ranges={str(p): [starts[p], end] for p, end in ends.items() if end > starts[p]},
        ends={str(p): end for p, end in ends.items()},
        messages=unread(starts, ends),
        asked_at=before,
        watermark=_watermark(ledger, broker, state, ends, before, topic),
    )


def _watermark(
    ledger: Ledger, broker: Broker, state: TopicState, ends: Offsets, before: datetime, topic: Topic
) -> datetime:
    """Everything that arrived until then is in this batch or an earlier one; it never goes back.

    Where a part of an earlier one is set aside, it stays before that.
    """
    cuts = {partition: end for partition, end in ends.items() if end < state.ends[partition]}
    oldest_left = [broker.time_of(state.topic, partition, end) for partition, end in cuts.items()]
    limits = [before, *oldest_left, ledger.open_since()]
    claims = [min(filter(None, limits)), ledger.watermark(topic)]
    return max(filter(None, claims))


def plan_round(ledger: Ledger, database: Database[Document], run: str, now: Clock = utc_now) -> Document:
    """The run's round of day reports. Raises NothingToDo when no day is due."""
    if entry := ledger.take(run, now()):
        return entry
    if not has_due_days(database):
        raise NothingToDo("No day is due: every day's reports hold what the committed batches brought.")
    return ledger.plan(run, now(), prefix="days-")


def has_due_days(database: Database[Document]) -> bool:
    """Whether days are due that no batch in flight holds."""
    return database[Collection.DUE_SCOPES].find_one({"group": DueGroup.DAY, "holder": None}) is not None


def has_due_hours(database: Database[Document], now: datetime) -> bool:
    """Whether hours are due that nobody holds, and the newest batch is not one that was planned for such hours just now."""
    if database[Collection.DUE_SCOPES].find_one({"group": DueGroup.HOUR, "holder": None}) is None:
        return False
    of_topic = {"dag": DagId.PROCESS_EVENTS, "topic": Topic.EVENTS}
    newest = database[Collection.BATCHES].find_one(of_topic, sort=[("planned_at", -1)])
    return newest is None or bool(newest["messages"]) or bool(now - newest["planned_at"] >= REST)
