import logging
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import TopicPartition

from contracts.names import DagId, Topic
from contracts.restores import RESTORE, RestoreState
from footfall_airflow.inbox_work import other_work
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import plan_batch
from footfall_airflow.restored import plan_catch_up
from footfall_airflow.watches import BacklogWatch, DueDaysWatch, RestoredWatch
from stack.waiting import wait_until

START = datetime.now(UTC).replace(microsecond=0)


def at(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def watch(topic, database, broker, settings):
    return BacklogWatch(topic, DagId.PROCESS_EVENTS, database, broker, settings)


@pytest.fixture
def plan(ledger, broker, topic):
    def do(run, seconds):
        return plan_batch(ledger, broker, topic, run, 1_000, lambda: at(seconds))["_id"]

    return do


@pytest.fixture
def finish(ledger, report):
    def do(batch, seconds):
        report(batch)
        ledger.commit(batch, at(seconds))
        ledger.announce(batch, at(seconds))

    return do


def test_wakes_when_the_backlog_is_old_enough(watch, send):
    assert watch.look(at(0)) is None
    send(b"a", b"b")
    assert watch.look(at(1)) is None
    assert watch.look(at(2.5)) is None
    assert watch.look(at(3))["unread"] == 2


def test_a_large_backlog_does_not_wait(topic, database, broker, settings, send):
    from dataclasses import replace

    watch = BacklogWatch(topic, DagId.PROCESS_EVENTS, database, broker, replace(settings, batch_max_messages=40))
    send(b"a", b"b")
    assert watch.look(at(0))["unread"] == 2


def test_wakes_again_when_nothing_came_of_it(watch, send):
    send(b"a")
    watch.look(at(0))
    assert watch.look(at(2))
    assert watch.look(at(11)) is None
    assert watch.look(at(12))


def test_sleeps_while_a_run_is_at_it_and_wakes_at_once_after(watch, send, plan, finish):
    send(b"a")
    watch.look(at(0))
    assert watch.look(at(2))
    batch = plan("run-1", 3)
    send(b"b")
    assert watch.look(at(4)) is None
    assert watch.look(at(20)) is None
    finish(batch, 21)
    assert watch.look(at(21.5))["unread"] == 1


def test_a_batch_whose_run_died_is_backlog_when_its_lease_has_run_out(watch, send, plan):
    send(b"a")
    batch = plan("run-1", 0)
    assert watch.look(at(59)) is None
    assert watch.look(at(61)) == {"topic": watch._topic, "unread": 0, "unfinished_batch": batch}


def test_a_failed_batch_waits(watch, send, plan, ledger):
    send(b"a")
    plan("run-1", 0)
    ledger.release("run-1", at(10), is_failed=True)
    assert watch.look(at(14)) is None
    assert watch.look(at(15))


def test_a_replay_is_not_disturbed(watch, send, plan, finish, ledger):
    send(b"a")
    finish(plan("run-1", 0), 1)
    ledger.take("run-1", at(2))
    send(b"b")
    assert watch.look(at(3)) is None
    assert watch.look(at(30)) is None


def test_lost_messages_are_named_once_and_wake_nobody(watch, send, plan, finish, admin, topic, caplog):
    send(b"a")
    finish(plan("run-1", 0), 1)
    send(b"b", b"c")
    for done in admin.delete_records([TopicPartition(topic, 0, 2)]).values():
        done.result(20)
    with caplog.at_level(logging.ERROR):
        assert [watch.look(at(seconds)) for seconds in range(2, 30, 5)] == [None] * 6
    assert [record.getMessage() for record in caplog.records if "were never read" in record.getMessage()] == [
        caplog.records[0].getMessage()
    ]


def remove_events(admin):
    if Topic.EVENTS in admin.list_topics(timeout=10).topics:
        admin.delete_topics([Topic.EVENTS.value])[Topic.EVENTS.value].result(20)
        assert wait_until(lambda: Topic.EVENTS not in admin.list_topics(timeout=10).topics, 20)


@pytest.fixture
def events_topic(make_topic, admin):
    """Empty, and gone afterwards: other tests of the session use this broker too."""
    remove_events(admin)
    yield make_topic(Topic.EVENTS.value)
    remove_events(admin)


class TestCaughtUp:
    """The platform's watermark moves on while nothing comes in; it is that of the events topic alone."""

    @pytest.fixture
    def topic(self, events_topic):
        return events_topic

    @pytest.fixture
    def caught_up(self, database):
        return lambda: (database.platform.find_one({"_id": "watermark"}) or {}).get("caught_up_at")

    def test_moves_on_every_five_seconds(self, watch, plan, finish, send, caught_up):
        send(b"a")
        finish(plan("run-1", 0), 1)
        for seconds, expected in ((2, 2), (4, 2), (7, 7)):
            watch.look(at(seconds))
            assert caught_up() == at(expected)

    def test_stands_still_with_a_backlog_or_an_open_batch(self, watch, plan, finish, send, caught_up):
        send(b"a")
        watch.look(at(0))
        batch = plan("run-1", 1)
        watch.look(at(2))
        watch.look(at(100))
        assert caught_up() is None
        finish(batch, 101)
        watch.look(at(102))
        assert caught_up() == at(102)

    def test_is_not_that_of_errors(self, database, broker, settings, topic, plan, finish, send, caught_up):
        send(b"a")
        finish(plan("run-1", 0), 1)
        other = BacklogWatch(Topic.ERRORS, DagId.REPROCESS_ERRORS, database, broker, settings)
        other._note_caught_up(at(2))
        assert caught_up() is None
        assert database.platform.find_one({"_id": "watermark_of_errors"})["caught_up_at"] == at(2)


def delete_topic(admin, name):
    """Other tests of the shared broker may have left it."""
    if name in admin.list_topics(timeout=10).topics:
        admin.delete_topics([name])[name].result(20)
        assert wait_until(lambda: name not in admin.list_topics(timeout=10).topics, 20)


class TestInboxWork:
    """Retries that are due and replays that were asked for wake reprocess_errors without an error to read."""

    @pytest.fixture
    def topic(self, make_topic, admin):
        delete_topic(admin, Topic.ERRORS.value)
        yield make_topic(Topic.ERRORS.value)
        admin.delete_topics([Topic.ERRORS.value])[Topic.ERRORS.value].result(20)

    @pytest.fixture
    def watch(self, topic, database, broker, settings):
        return BacklogWatch(Topic.ERRORS, DagId.REPROCESS_ERRORS, database, broker, settings)

    @pytest.fixture
    def errors(self, database):
        return Ledger(database, DagId.REPROCESS_ERRORS, lease_seconds=60)

    def test_a_due_retry_wakes_a_run_of_no_messages(self, watch, database, broker, errors):
        place = {"code": "unknown_merchant", "place": {}, "filed_at": at(0)}
        database.failed_events.insert_one({"_id": "a", "status": "waiting", "next_attempt_at": at(5), **place})
        assert watch.look(at(4)) is None
        assert watch.look(at(5))["unread"] == 0
        asked = other_work(database, Topic.ERRORS)
        with pytest.raises(NothingToDo):
            plan_batch(errors, broker, Topic.ERRORS, "run-1", 10, lambda: at(4), has_other_work=asked)
        entry = plan_batch(errors, broker, Topic.ERRORS, "run-1", 10, lambda: at(5), has_other_work=asked)
        assert (entry["messages"], entry["ranges"]) == (0, {})
        assert watch.look(at(6)) is None

    def test_a_replay_wakes_at_once(self, watch, database):
        rule = {"merchant": "m", "code": "bad_amount", "made_by": "anna", "made_at": at(0), "rule": None}
        database.repair_rules.insert_one({"_id": "c", **rule, "replay": {"state": "asked", "number": "c/1"}})
        assert watch.look(at(0))
        database.repair_rules.update_one({"_id": "c"}, {"$set": {"replay.state": "done"}})
        assert watch.look(at(20)) is None


class TestDueHours:
    """Hours that are due and that no batch holds wake process_events without a message to read."""

    @pytest.fixture
    def topic(self, events_topic):
        return events_topic

    @pytest.fixture
    def due(self, database):
        def do(holder):
            scope = {"merchant": "m", "group": "hour", "scope": "2026-11-25T10:00Z", "sequence": 1, "token": "t"}
            database.due_scopes.replace_one(
                {"_id": "m/hour/2026-11-25T10:00Z"}, scope | {"holder": holder}, upsert=True
            )

        return do

    @pytest.fixture
    def plan(self, ledger, broker, database):
        def do(run, seconds):
            asked = other_work(database, Topic.EVENTS)
            return plan_batch(ledger, broker, Topic.EVENTS, run, 10, lambda: at(seconds), has_other_work=asked)

        return do

    def test_what_nobody_holds_is_a_batch_of_no_messages(self, watch, due, plan):
        due(holder=4)
        assert watch.look(at(0)) is None
        with pytest.raises(NothingToDo):
            plan("run-1", 0)
        due(holder=None)
        assert watch.look(at(1))["unread"] == 0
        entry = plan("run-1", 2)
        assert (entry["messages"], entry["ranges"], entry["topic"]) == (0, {}, Topic.EVENTS)
        assert watch.look(at(3)) is None

    def test_what_such_a_batch_leaves_waits_a_minute_unless_messages_come(self, watch, due, plan, finish, send):
        due(holder=None)
        finish(plan("run-1", 0)["_id"], 10)
        for seconds, is_woken in ((11, False), (59, False), (60, True)):
            assert bool(watch.look(at(seconds))) is is_woken
        finish(plan("run-2", 60)["_id"], 61)
        send(b"a")
        finish(plan("run-3", 62)["_id"], 63)
        assert watch.look(at(64))["unread"] == 0


class TestRestores:
    @pytest.fixture
    def rounds(self, database):
        return Ledger(database, DagId.CATCH_UP_WITH_ARCHIVE, lease_seconds=60)

    def test_while_the_database_is_put_back_nothing_wakes(self, watch, database, settings, rounds, send):
        send(b"a", b"b")
        watch.look(at(0))
        restored = RestoredWatch(database, settings)
        scope = {"merchant": "m", "group": "day", "scope": "2026-11-25", "sequence": 1, "token": "t", "holder": None}
        database.due_scopes.insert_one(scope)
        days = DueDaysWatch(database, settings)
        for state in (RestoreState.RESTORING, RestoreState.RESTORED):
            database.backups.replace_one({"_id": RESTORE}, {"state": state}, upsert=True)
            assert watch.look(at(10)) is None and days.look(at(10)) is None
            assert bool(restored.look(at(10))) is (state == RestoreState.RESTORED)
        database.backups.update_one({}, {"$set": {"state": RestoreState.CAUGHT_UP}})
        assert watch.look(at(20)) and days.look(at(20)) and restored.look(at(20)) is None

    def test_a_restored_database_wakes_one_round(self, database, settings, rounds, report):
        with pytest.raises(NothingToDo):
            plan_catch_up(rounds, database, "run-0", lambda: at(0))
        database.backups.insert_one({"_id": RESTORE, "state": RestoreState.RESTORED})
        key = plan_catch_up(rounds, database, "run-1", lambda: at(1))["_id"]
        assert key.startswith("restores-")
        watch = RestoredWatch(database, settings)
        assert watch.look(at(2)) is None, "a run is at it"
        rounds.release("run-1", at(3), is_failed=False)
        assert watch.look(at(4))["unfinished_round"] == key, "the run has died"
        database.backups.update_one({}, {"$set": {"state": RestoreState.CAUGHT_UP}})
        assert watch.look(at(20)), "its reports were not announced yet"
        report(key)
        rounds.commit(key, at(21))
        rounds.announce(key, at(21))
        assert watch.look(at(40)) is None
