"""The plugin on a real broker and a real database; each test has a topic of its own and an empty database."""

import uuid
from datetime import UTC, datetime

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from pymongo import MongoClient

from contracts.names import DagId
from contracts.settings import Settings
from contracts.settings import settings as settings_of_process
from stack.database import prepare_database
from stack.waiting import wait_until
from tests import airflow_home

airflow_home.choose()

PARTITIONS = 3


@pytest.fixture
def settings(kafka_broker, prepared):
    return Settings(kafka_bootstrap=kafka_broker, mongo_uri=prepared[0], database=prepared[1].name)


@pytest.fixture(scope="session")
def prepared(mongo):
    """URI and database with the platform's indexes and validators, which take half a second to make."""
    client = MongoClient(mongo, tz_aware=True)
    database = client[f"plugin_{uuid.uuid4().hex[:12]}"]
    prepare_database(database)
    yield mongo, database
    client.drop_database(database.name)
    client.close()


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
