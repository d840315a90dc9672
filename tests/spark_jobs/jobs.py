"""The jobs on a warm Spark: batches are planned by hand, messages are put into the topic without a collector."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.archive import TABLE
from contracts.keys import KeyKind
from contracts.ledger import CAUGHT_UP, Touched
from contracts.messages import ENVELOPE_VERSION, MAX_ERROR_BYTES, MAX_MESSAGE_BYTES, json_bytes
from contracts.names import BatchState, Collection, DagId, DueGroup, Topic
from contracts.settings import Settings
from footfall_airflow.changing import plan_changes
from footfall_airflow.ledger import Ledger
from report_app.reading.merchants import merchants_by_id
from report_app.setting_orders import order_change
from spark_jobs.archive import create_archive, current_snapshot
from spark_jobs.attempts import Attempt
from spark_jobs.build_day_reports.job import due_days
from spark_jobs.change_settings.job import work
from spark_jobs.computing import Computing
from spark_jobs.ledger import LedgerEntry, take
from spark_jobs.process_events import job as process_events
from spark_jobs.process_events.batch import Batch
from spark_jobs.report_documents import Computation
from tests.databases import own_database
from tests.road.shops import RoadShop

PARTITIONS = 2
SomeJobs = TypeVar("SomeJobs", bound="Jobs")


class TopicShop(RoadShop):
    """A shop whose messages go straight into the topic, each in its envelope."""

    def send_bytes(self, members: list[bytes], kind: KeyKind = KeyKind.SERVER) -> None:
        producer = Producer({"bootstrap.servers": self.settings.kafka_bootstrap})
        for place, member in enumerate(members):
            envelope = self.envelope(member, kind, message_id=json.loads(member).get("messageId"))
            producer.produce(Topic.EVENTS, envelope, partition=place % PARTITIONS)
        assert producer.flush(20) == 0

    def envelope(self, member: bytes, kind: KeyKind, **overrides: Any) -> bytes:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        base = {
            "v": ENVELOPE_VERSION,
            "envelope_id": str(uuid4()),
            "merchant": self.merchant,
            "key_kind": str(kind),
            "key_generation": 1,
            "received_at": now,
            "sent_at": None,
            "message_id": None,
            "ip": None,
            "user_agent": None,
            "source": {"door": "/v1/batch", "adapter": 1},
            "reject": None,
            "repair": None,
            "context": None,
            "message": member.decode(),
        }
        return json_bytes(base | overrides)


@dataclass
class Jobs:
    spark: SparkSession
    database: Database[dict[str, Any]]
    settings: Settings
    topic_id: str
    ends: dict[str, int] = field(default_factory=dict)
    last: int = 0

    def shop(self, name: str = "amber", **place: Any) -> TopicShop:
        return TopicShop(self.settings, self.database, name, **place).open()

    def plan(self) -> int:
        """A batch of everything that is in the topic and in no batch yet."""
        self.last += 1
        ranges, planned_at = {}, datetime.now(UTC)
        for partition, end in ends(self.settings).items():
            ranges[partition], self.ends[partition] = [self.ends.get(partition, 0), end], end
        entry = {
            "_id": self.last,
            "dag": str(DagId.PROCESS_EVENTS),
            "run": f"run-{self.last}",
            "runs": [],
            "lease": None,
            "not_before": None,
            "planned_at": planned_at,
            "previous": self.last - 1,
            "topic": str(Topic.EVENTS),
            "topic_id": self.topic_id,
            "state": str(BatchState.PLANNED),
            "messages": sum(end - start for start, end in ranges.values()),
            "attempt": 0,
            "ranges": ranges,
            "ends": dict(self.ends),
            "asked_at": planned_at,
            "watermark": planned_at,
        }
        self.database[Collection.BATCHES].insert_one(entry)
        return self.last

    def take(self, number: int) -> Batch:
        entry = take(self.database, number, f"run-{number}")
        return Batch(self.spark, self.database, self.settings, entry)

    def run(self, number: int) -> LedgerEntry:
        """One attempt of the batch from its beginning to `reported`; a committed one is replayed."""
        batch = self.take(number)
        done = process_events.work(batch)
        batch.entry.note_reported(done.touched, 1.0, done.state)
        return batch.entry

    def commit(self, number: int) -> None:
        self.database[Collection.BATCHES].update_one({"_id": number}, {"$set": {"state": BatchState.COMMITTED}})
        self.database[Collection.DUE_SCOPES].update_many({"holder": number}, {"$set": {"holder": None}})

    def batch(self) -> int:
        """Everything that waits, as one batch, processed and committed."""
        number = self.plan()
        self.run(number)
        self.commit(number)
        return number

    def days(self) -> None:
        """A round of day reports."""
        self.last += 1
        name = f"days-{self.last}"
        entry = {"_id": name, "dag": str(DagId.BUILD_DAY_REPORTS), "run": "run", "state": "planned", "attempt": 0}
        self.database[Collection.BATCHES].insert_one(entry)
        entry, snapshot = take(self.database, name, "run"), current_snapshot(self.spark)
        due = due_days(self.database, entry, snapshot, self.settings)
        computation = Computation(snapshot, 1, 0, "run", None)
        entry.note_reported(Computing(self.spark, self.database, computation, None, entry.hold).compute(due), 1.0)

    def order_settings(self, shop: TopicShop, zone: str, currency: str | None = None) -> None:
        """As a person does on the shop's page; batches from now on know of it."""
        merchant = merchants_by_id(self.database, [shop.merchant])[shop.merchant]
        order_change(self.database, merchant, zone, currency or shop.currency, "anna", datetime.now(UTC))

    def plan_changes(self) -> Attempt:
        """A round of everything that was ordered, taken by an attempt."""
        run, ledger = uuid4().hex, Ledger(self.database, DagId.CHANGE_SETTINGS, 60)
        entry = plan_changes(ledger, self.database, run)
        return Attempt(self.spark, self.database, self.settings, take(self.database, entry["_id"], run))

    def change_settings(self) -> list[Touched]:
        """Builds everything that was ordered, and switches; the shops' own `zone` and `currency` are the test's to change."""
        attempt = self.plan_changes()
        done = work(attempt)
        attempt.entry.note_reported(done.touched, 1.0)
        ledger, key = Ledger(self.database, DagId.CHANGE_SETTINGS, 60), attempt.entry.key
        ledger.commit(key, datetime.now(UTC))
        ledger.announce(key, datetime.now(UTC))
        return list(done.touched)

    def say_complete(self, until: datetime) -> None:
        """What the trigger notes while nothing is left to do."""
        change = {"$set": {"caught_up_at": until}}
        self.database[Collection.PLATFORM].update_one({"_id": CAUGHT_UP[Topic.EVENTS]}, change, upsert=True)

    def due(self, group: DueGroup) -> list[str]:
        return sorted(one["scope"] for one in self.database[Collection.DUE_SCOPES].find({"group": group}))

    def errors(self) -> list[dict[str, Any]]:
        """Every message on the errors topic."""
        return [json.loads(value) for value in _values(self.settings, Topic.ERRORS)]


@contextmanager
def jobs_on(spark: SparkSession, mongo: str, settings: Settings, kind: type[SomeJobs]) -> Iterator[SomeJobs]:
    """Jobs with a database, topics and an archive of their own; gone afterwards, but for the topics."""
    create_archive(spark)
    with own_database(mongo, "jobs") as database:
        yield kind(spark, database, settings, make_topics(settings))
    spark.sql(f"DROP TABLE {TABLE} PURGE")


def make_topics(settings: Settings) -> str:
    """Deletes and makes the topics; returns a topic id for the ledger."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    for future in admin.delete_topics([Topic.EVENTS, Topic.ERRORS]).values():
        future.exception(20)
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    sizes = {Topic.EVENTS: MAX_MESSAGE_BYTES, Topic.ERRORS: MAX_ERROR_BYTES}
    topics = [NewTopic(name, PARTITIONS, 1, config={"max.message.bytes": str(size)}) for name, size in sizes.items()]
    while True:
        made = admin.create_topics(topics)
        failures = [error for future in made.values() if (error := future.exception(20))]
        if not failures:
            return "topic-of-the-tests"
        assert datetime.now(UTC) < deadline, failures


def ends(settings: Settings, topic: Topic = Topic.EVENTS) -> dict[str, int]:
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": "tests"})
    found = {
        str(number): consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=20)[1]
        for number in range(PARTITIONS)
    }
    consumer.close()
    return found


def _values(settings: Settings, topic: Topic) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": "tests"})
    wanted = ends(settings, topic)
    consumer.assign([TopicPartition(topic, int(number), 0) for number in wanted])
    values: list[bytes] = []
    while len(values) < sum(wanted.values()):
        found = consumer.consume(1, timeout=20)
        assert found, f"{topic} could not be read to its end"
        values += [message.value() for message in found]
    consumer.close()
    return values
