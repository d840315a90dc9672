"""What the road still has before it: messages that no batch has committed, and scopes that are due."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from pymongo.database import Database

from contracts.ledger import AT_WORK, FINAL
from contracts.names import Collection, Topic


class NotDone(RuntimeError):
    """The road did not come to its end in time; the message says what is left."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """`unread` messages in the events topic, `errors` in that of errors, `due` scopes, `open` batches and rounds."""

    unread: int
    errors: int
    due: int
    open: int

    @property
    def is_empty(self) -> bool:
        return not (self.unread or self.errors or self.due or self.open)

    def __str__(self) -> str:
        parts = ((self.unread, "messages"), (self.errors, "errors"), (self.due, "due scopes"), (self.open, "batches"))
        return ", ".join(f"{count:,} {name}" for count, name in parts if count) or "nothing"


def read_backlog(admin: AdminClient, database: Database[dict[str, Any]]) -> Backlog:
    return Backlog(
        unread=_unread(admin, database, Topic.EVENTS),
        errors=_unread(admin, database, Topic.ERRORS),
        due=database[Collection.DUE_SCOPES].count_documents({}),
        open=database[Collection.BATCHES].count_documents(dict(AT_WORK)),
    )


def _unread(admin: AdminClient, database: Database[dict[str, Any]], topic: Topic) -> int:
    described = admin.list_topics(topic, timeout=10).topics[topic]
    partitions = [TopicPartition(topic, number) for number in described.partitions]
    latest = admin.list_offsets({partition: OffsetSpec.latest() for partition in partitions})
    ends = {partition.partition: future.result().offset for partition, future in latest.items()}
    committed = committed_ends(database, topic)
    return sum(end - committed.get(partition, 0) for partition, end in ends.items())


def committed_ends(database: Database[dict[str, Any]], topic: Topic) -> dict[int, int]:
    """Per partition the offset up to which nothing is left to read from the topic as it is now."""
    ends: dict[int, int] = {}
    newest = database[Collection.BATCHES].find_one({"topic": topic}, {"topic_id": 1}, sort=[("_id", -1)])
    of_topic = {"topic": topic, "topic_id": newest and newest["topic_id"], "state": {"$in": list(FINAL)}}
    batches = database[Collection.BATCHES].find(of_topic, {"ranges": 1})
    for batch in batches:
        for partition, (_, end) in batch["ranges"].items():
            ends[int(partition)] = max(end, ends.get(int(partition), 0))
    return ends


def wait_until_done(
    admin: AdminClient,
    database: Database[dict[str, Any]],
    timeout_seconds: float,
    show: Callable[[Backlog], None] = lambda backlog: None,
) -> None:
    """Returns when nothing is left to do; raises NotDone."""
    deadline = time.monotonic() + timeout_seconds
    while not (backlog := read_backlog(admin, database)).is_empty:
        show(backlog)
        if time.monotonic() > deadline:
            raise NotDone(f"After {timeout_seconds:.0f} s the reports still lack: {backlog}. See `footfall logs`.")
        time.sleep(0.5)
    show(backlog)
