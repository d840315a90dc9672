"""The triggers as the triggerer runs them: real thread, real clock."""

import asyncio
import logging
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.names import DagId, Topic
from contracts.settings import settings as settings_of_process
from footfall_airflow.ledger import Ledger
from footfall_airflow.planning import plan_batch
from footfall_airflow.triggers import BacklogTrigger, RoundTrigger
from tests.collector.own_broker import OwnBroker
from tests.loops import told

DEADLINE_SECONDS = 60


async def events(trigger, count):
    """The first `count` payloads that the trigger fires."""
    found = []
    try:
        async with asyncio.timeout(DEADLINE_SECONDS), aclosing(trigger.run()) as fired:
            async for event in fired:
                found.append(event.payload)
                if len(found) == count:
                    return found
    finally:
        await trigger.cleanup()
    raise AssertionError("the trigger ended, which it must not")


@pytest.fixture
def topic(make_topic, admin):
    known = admin.list_topics(timeout=10).topics
    return Topic.ERRORS.value if Topic.ERRORS in known else make_topic(Topic.ERRORS.value)


def test_triggers_are_rebuilt_from_what_they_serialize():
    from airflow.serialization.encoders import encode_trigger

    assert encode_trigger(BacklogTrigger(Topic.EVENTS)) == {
        "classpath": "footfall_airflow.triggers.BacklogTrigger",
        "kwargs": {"topic": "footfall.events.v1"},
    }
    serialized = RoundTrigger(DagId.BUILD_DAY_REPORTS).serialize()
    assert serialized == ("footfall_airflow.triggers.RoundTrigger", {"dag": "build_day_reports"})


def test_fires_on_a_backlog(environment, send):
    send(b"a")
    (payload,) = told(events(BacklogTrigger(Topic.ERRORS), 1))
    assert payload["topic"] == Topic.ERRORS and payload["unread"] >= 1


def test_fires_on_due_days(environment, database):
    scope = {"merchant": "m", "group": "day", "scope": "2026-11-25", "sequence": 1, "token": "t", "holder": None}
    database.due_scopes.insert_one({"_id": "m/day/2026-11-25", **scope})
    assert told(events(RoundTrigger(DagId.BUILD_DAY_REPORTS), 1)) == [{"unfinished_round": None}]


def test_fires_again_if_nothing_came_of_it_and_takes_up_what_was_left(environment, send, database, broker):
    send(b"a")
    ledger = Ledger(database, DagId.REPROCESS_ERRORS, lease_seconds=3)
    batch = plan_batch(ledger, broker, Topic.ERRORS, "run-1", 100, lambda: datetime.now(UTC))["_id"]
    payloads = told(events(BacklogTrigger(Topic.ERRORS), 2))
    assert [payload["unfinished_batch"] for payload in payloads] == [batch, batch]


@pytest.fixture
def own_broker(tmp_path, environment, monkeypatch):
    """A broker to be stopped and started; the process reads its address."""
    broker = OwnBroker(tmp_path)
    broker.start()
    monkeypatch.setenv("FOOTFALL_KAFKA_BOOTSTRAP", broker.bootstrap)
    settings_of_process.cache_clear()
    yield broker
    broker.stop()


def test_waits_out_a_dead_broker_and_says_so_once(own_broker, caplog):
    admin = AdminClient({"bootstrap.servers": own_broker.bootstrap})
    admin.create_topics([NewTopic(Topic.ERRORS, 1, 1)])[Topic.ERRORS].result(20)
    producer = Producer({"bootstrap.servers": own_broker.bootstrap})
    producer.produce(Topic.ERRORS, b"a")
    assert producer.flush(20) == 0
    own_broker.stop()

    async def outage():
        fired = asyncio.create_task(events(BacklogTrigger(Topic.ERRORS), 1))
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not caplog.records:
                await asyncio.sleep(0.1)
        await asyncio.to_thread(own_broker.start)
        return await fired

    with caplog.at_level(logging.INFO, logger="footfall.triggers"):
        (payload,) = told(outage())
    assert payload["unread"] == 1
    said = [record.levelname for record in caplog.records if record.name == "footfall.triggers"]
    assert said == ["WARNING", "INFO"]
