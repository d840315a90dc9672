from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import TopicPartition

from footfall_airflow.ledger import NothingToDo
from footfall_airflow.planning import plan_batch, plan_round
from footfall_airflow.ranges import LostRange

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def plan(ledger, broker, topic):
    def do(run="run-1", most=1_000, now=NOW):
        return plan_batch(ledger, broker, topic, run, most, lambda: now)

    return do


@pytest.fixture
def finish(ledger, report):
    def do(batch, now=NOW):
        report(batch)
        ledger.commit(batch, now)
        ledger.announce(batch, now)

    return do


def test_a_batch_owns_what_is_unread(plan, send, database):
    send(b"a", b"b")
    send(b"c", partition=2)
    batch = plan()
    assert batch["ranges"] == {"0": [0, 2], "2": [0, 1]}
    assert batch["ends"] == {"0": 2, "1": 0, "2": 1}
    assert (batch["messages"], batch["state"], batch["previous"], batch["watermark"]) == (3, "planned", 0, NOW)
    assert database.batches.find_one({"_id": batch["_id"]}) == batch


def test_the_next_batch_goes_on_where_it_ended(plan, send, finish):
    send(b"a", b"b")
    first = plan()
    finish(first["_id"])
    send(b"c")
    second = plan("run-2")
    assert (second["previous"], second["ranges"]) == (first["_id"], {"0": [2, 3]})


def test_nothing_to_do_is_said(plan):
    with pytest.raises(NothingToDo, match="holds nothing beyond batch 0"):
        plan()


def test_a_run_has_one_batch_for_ever(plan, send, finish):
    send(b"a")
    first = plan()
    assert plan()["_id"] == first["_id"], "a second try of the task"
    finish(first["_id"])
    send(b"b")
    assert plan()["_id"] == first["_id"], "a cleared run"


def test_an_unfinished_batch_is_taken_over_before_a_new_one_is_planned(plan, send, ledger):
    send(b"a")
    first = plan()
    send(b"b")
    ledger.release("run-1", NOW, is_failed=True)
    taken = plan("run-2")
    assert (taken["_id"], taken["ranges"]) == (first["_id"], {"0": [0, 1]})


def test_concurrent_planners_make_one_batch(plan, send, database):
    send(b"a", b"b")

    def attempt(run):
        try:
            return plan(run)["_id"]
        except NothingToDo:
            return None

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(attempt, [f"run-{number}" for number in range(6)]))
    assert len([batch for batch in found if batch]) == 1
    assert database.batches.count_documents({}) == 1


def test_a_cut_batch_is_complete_until_its_oldest_message_left(plan, send):
    for minute in range(4):
        send(b"a", partition=0, at=NOW - timedelta(minutes=10 - minute))
        send(b"b", partition=1, at=NOW - timedelta(minutes=20 - minute))
    batch = plan(most=4)
    assert batch["ends"] == {"0": 2, "1": 2, "2": 0}
    assert batch["watermark"] == NOW - timedelta(minutes=18)


def test_the_watermark_never_goes_back(plan, send, finish):
    send(b"a")
    first = plan()
    finish(first["_id"])
    send(b"b", b"c", at=NOW - timedelta(hours=1))
    assert plan("run-2", most=1, now=NOW + timedelta(minutes=1))["watermark"] == NOW


def test_messages_dropped_unread_stop_the_road(plan, send, finish, admin, topic):
    send(b"a")
    finish(plan()["_id"])
    send(b"b", b"c", b"d")
    for done in admin.delete_records([TopicPartition(topic, 0, 3)]).values():
        done.result(20)
    with pytest.raises(LostRange, match="the messages 1 to 2 were never read"):
        plan("run-2")


def test_a_topic_made_anew_stops_the_road(plan, send, finish, admin, topic, make_topic):
    send(b"a")
    finish(plan()["_id"])
    admin.delete_topics([topic])[topic].result(20)
    make_topic(topic)
    send(b"b", b"c")
    with pytest.raises(LostRange, match="made anew"):
        plan("run-2")


def due_day(database, holder=None):
    scope = {"merchant": "m", "group": "day", "scope": "2026-11-25", "sequence": 1, "token": "t", "holder": holder}
    database.due_scopes.replace_one({"_id": "m/day/2026-11-25"}, scope, upsert=True)


def test_rounds(database):
    from contracts.names import DagId
    from footfall_airflow.ledger import Ledger

    rounds = Ledger(database, DagId.BUILD_DAY_REPORTS, lease_seconds=60)
    due_day(database, holder=7)
    with pytest.raises(NothingToDo, match="No day is due"):
        plan_round(rounds, database, "run-1")
    due_day(database)
    assert plan_round(rounds, database, "run-1")["_id"] == "days-1"
    assert plan_round(rounds, database, "run-1")["_id"] == "days-1"
    rounds.release("run-1", datetime.now(UTC), is_failed=True)
    assert plan_round(rounds, database, "run-2")["_id"] == "days-1"
