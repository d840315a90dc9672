"""Freshness and lag against their limits, on a real broker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException
from confluent_kafka import TopicPartition

from contracts.names import BatchState, DagId, Topic
from contracts.promises import CheckName, PromiseState
from contracts.settings import Settings
from footfall_airflow import promise_tasks
from footfall_airflow.limits import World, look_at_limits

START = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def settings(own_kafka, prepared):
    """On a broker of this module's own: the topics are made anew for each test."""
    return Settings(kafka_bootstrap=own_kafka, mongo_uri=prepared[0], database=prepared[1].name)


@pytest.fixture
def topic(make_topic, admin):
    names = [make_topic(name.value) for name in (Topic.EVENTS, Topic.ERRORS)]
    yield names[0]
    for done in admin.delete_topics(names).values():
        done.result(20)


@pytest.fixture
def look(database, broker, topic, settings):
    """{check/subject: sentence} of what is broken so many seconds after the start."""

    def do(seconds, **limits):
        world = World(database, broker, START + timedelta(seconds=seconds))
        looks = look_at_limits(world, replace(settings, **limits))
        return {
            f"{name}/{subject}": one.sentence
            for name, found in looks.items()
            for subject, one in found.items()
            if one.state == PromiseState.BROKEN
        }

    return do


@pytest.fixture
def complete(database):
    def do(until):
        database.platform.update_one({"_id": "watermark"}, {"$set": {"caught_up_at": until}}, upsert=True)

    return do


def test_an_old_watermark_without_a_backlog_breaks_nothing(look, complete):
    assert look(0) == {}
    complete(START)
    assert look(10_000) == {}


def test_reports_that_stay_behind_a_backlog_break_freshness(look, complete, send):
    complete(START)
    send(b"a")
    assert look(300) == {}
    assert look(1_301)["freshness/reports"].startswith("Reports are complete until 1,301 s ago")
    assert look(1_301, promise_freshness_seconds=2_000) == {}


def test_what_was_set_aside_and_is_not_counted_breaks_freshness(database, look, complete):
    complete(START + timedelta(seconds=900))
    whole = {"_id": 5, "dag": DagId.PROCESS_EVENTS, "topic": Topic.EVENTS, "state": BatchState.SET_ASIDE, "run": "r"}
    database.batches.insert_one(
        whole | {"halved_at": None, "oldest_at": START, "previous": 0, "ends": {}, "topic_id": None}
    )
    assert look(900)["freshness/reports"].startswith("Reports are complete until 900 s ago")
    database.batches.update_one({"_id": 5}, {"$set": {"halved_at": START}})
    half = {"_id": 6, "dag": DagId.PROCESS_EVENTS, "parent": 5, "origin": {"topic": Topic.EVENTS}, "oldest_at": START}
    database.batches.insert_one(half | {"state": BatchState.PLANNED, "run": "r"})
    assert "freshness/reports" in look(900)
    database.batches.update_one({"_id": 6}, {"$set": {"state": BatchState.ANNOUNCED}})
    assert look(900) == {}


def test_the_oldest_unread_message_makes_the_lag_of_its_topic(look, send):
    send(b"old", to=Topic.ERRORS, at=START - timedelta(seconds=50))
    send(b"new", to=Topic.EVENTS, at=START)
    assert list(look(10, promise_lag_seconds=59)) == [f"{CheckName.LAG}/{Topic.ERRORS}"]
    assert look(10, promise_lag_seconds=60) == {}


def test_messages_that_kafka_dropped_unread_are_named(look, send, admin, ledger, broker, report):
    from footfall_airflow.planning import plan_batch

    send(b"a")
    plan_batch(ledger, broker, Topic.EVENTS, "run-1", 10)
    send(b"b", b"c")
    for done in admin.delete_records([TopicPartition(Topic.EVENTS, 0, 3)]).values():
        done.result(20)
    assert "the messages 1 to 2 were never read" in look(0)[f"{CheckName.LAG}/{Topic.EVENTS}"]


def test_the_tasks_fail_with_a_sentence_for_each_broken_promise(environment, complete, send, database, caplog):
    send(b"a")
    complete(START - timedelta(days=1))
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="Reports are complete until"):
            promise_tasks.check_limits.function()
    assert sum("Broken: Reports" in record.getMessage() for record in caplog.records) == 1
    complete(datetime.now(UTC))
    promise_tasks.check_limits.function()
    assert database.promises.find_one()["state"] == "mended"
    promise_tasks.check_books.function()
