"""The plugin on a real broker and a real database; each test has a topic of its own and an empty database."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.names import DagId, Topic
from contracts.settings import Settings
from contracts.settings import settings as settings_of_process
from footfall_airflow.inbox_work import work_off
from stack.database import prepare_database
from stack.waiting import wait_until
from tests import airflow_home
from tests.databases import own_database
from tests.plugins.errors import NOW

airflow_home.choose()

PARTITIONS = 3


@pytest.fixture
def settings(kafka_broker, prepared):
    return Settings(
        kafka_bootstrap=kafka_broker,
        mongo_uri=prepared[0],
        database=prepared[1].name,
        erasure_secrets="e1:" + "3c" * 20,
    )


@pytest.fixture(scope="session")
def prepared(mongo):
    """URI and database with the platform's indexes and validators, which take half a second to make."""
    with own_database(mongo, "plugin") as database:
        prepare_database(database)
        yield mongo, database


@pytest.fixture
def database(prepared):
    """The database, empty."""
    database = prepared[1]
    for name in database.list_collection_names():
        database[name].delete_many({})
    return database


@pytest.fixture
def broker(settings):
    from footfall_airflow.offsets import Broker

    return Broker(settings.kafka_bootstrap)


@pytest.fixture
def admin(settings):
    return AdminClient({"bootstrap.servers": settings.kafka_bootstrap})


@pytest.fixture
def make_topic(admin, broker):
    """Creates a topic of three partitions, that have their leaders."""

    def has_leaders(name):
        try:
            return len(broker.read_state(name).ends) == PARTITIONS
        except KafkaException:
            return False

    def do(name):
        for done in admin.create_topics([NewTopic(name, PARTITIONS, 1)]).values():
            done.result(20)
        assert wait_until(lambda: has_leaders(name), 20)
        return name

    return do


@pytest.fixture
def topic(make_topic, admin):
    name = make_topic(f"plugin-{uuid.uuid4().hex[:8]}")
    yield name
    admin.delete_topics([name])


@pytest.fixture
def send(settings, topic):
    """Puts values into one partition of the topic, acknowledged."""

    def do(*values, partition=0, to=topic, at=None):
        failures = []
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "acks": "all"})
        for value in values:
            stamp = {"timestamp": int(at.timestamp() * 1000)} if at else {}
            producer.produce(
                to, value, partition=partition, **stamp, on_delivery=lambda error, _: failures.append(error)
            )
        assert producer.flush(20) == 0
        assert not any(failures), failures

    return do


@pytest.fixture
def ledger(database):
    from footfall_airflow.ledger import Ledger

    return Ledger(database, DagId.PROCESS_EVENTS, lease_seconds=60)


@pytest.fixture
def report(database):
    """Does what the Spark job does to the ledger."""

    def do(key, touched=(), seconds=1.0):
        done = {"state": "reported", "reported_at": datetime.now(UTC), "touched": list(touched), "seconds": seconds}
        database.batches.update_one({"_id": key}, {"$set": done, "$inc": {"attempt": 1}})

    return do


@pytest.fixture
def environment(settings, database, monkeypatch):
    """The process reads these settings, as Airflow's processes do."""
    monkeypatch.setenv("FOOTFALL_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("FOOTFALL_MONGO_URI", settings.mongo_uri)
    monkeypatch.setenv("FOOTFALL_DATABASE", settings.database)
    settings_of_process.cache_clear()
    yield settings
    settings_of_process.cache_clear()


@pytest.fixture
def events(broker, make_topic):
    """Reads what was put into the events topic since the test began, by envelope id: partitions have no order."""

    def ends():
        return broker.read_state(Topic.EVENTS.value).ends

    try:
        before = ends()
    except KafkaException:
        make_topic(Topic.EVENTS.value)
        before = ends()

    def read():
        ranges = {partition: (before[partition], end) for partition, end in ends().items()}
        envelopes = [json.loads(message.value()) for message in broker.messages(Topic.EVENTS.value, ranges)]
        return sorted(envelopes, key=lambda one: one["envelope_id"])

    return read


@pytest.fixture
def run(database, broker, topic, send, settings, events):
    """A run of reprocess_errors over new error messages, or over all of the topic again."""
    done = {}

    def do(*values, at=NOW, again=False, most=1_000):
        send(*values)
        ends = broker.read_state(topic).ends
        ranges = {partition: (0 if again else done.get(partition, 0), end) for partition, end in ends.items()}
        done.update(ends)
        limited = replace(settings, inbox_documents_per_cause=most)
        return work_off(database, limited, broker.messages(topic, ranges), "topic-id", at)

    return do


@pytest.fixture
def inbox(database):
    return lambda arrival="0193-a": database.failed_events.find_one({"_id": arrival})


@pytest.fixture
def make_rule(database):
    def do(cause, rule, ask=True, **overrides):
        document = {
            "_id": cause,
            "merchant": "chai",
            "code": "bad_amount",
            "rule": rule,
            "is_active": rule is not None,
            "made_by": "anna@example.com",
            "made_at": NOW,
        }
        if ask:
            document["replay"] = {"number": f"{cause}/1", "state": "asked"}
        database.repair_rules.replace_one({"_id": cause}, document | overrides, upsert=True)

    return do
