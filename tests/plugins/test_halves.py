"""Batches that were set aside: counted failures, halves that take turns with fresh batches, and the watermark meanwhile."""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from bson import Binary

from contracts.batch_errors import batch_error, is_of_a_batch
from contracts.ledger import is_hopeless
from contracts.messages import json_bytes
from contracts.names import BatchState, Collection, DagId, Job, Topic
from contracts.set_aside import Record, chunks_of
from footfall_airflow import announcing
from footfall_airflow.floods import Room
from footfall_airflow.halving import halve_all
from footfall_airflow.ledger import NothingToDo
from footfall_airflow.planning import plan_batch
from footfall_airflow.reprocessing import reprocess
from footfall_airflow.sending import Sender
from footfall_airflow.spark import SparkJobOperator
from footfall_airflow.watches import BacklogWatch
from tests.airflow_home import ROOT

NOW = datetime.now(UTC).replace(microsecond=0)
OLDEST = NOW - timedelta(minutes=7)


def at(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def plan(ledger, broker, topic):
    def do(run, seconds=0):
        return plan_batch(ledger, broker, topic, run, 1_000, lambda: at(seconds))

    return do


@pytest.fixture
def finish(ledger, report):
    def do(batch, seconds=0):
        report(batch)
        ledger.commit(batch, at(seconds))
        ledger.announce(batch, at(seconds))

    return do


@pytest.fixture
def set_aside(database, ledger):
    """What the job and the tasks do to a batch that failed for good."""

    def do(entry, seconds=0):
        if "root" not in entry:
            copy(entry)
        values = {
            "state": BatchState.SET_ASIDE,
            "oldest_at": entry.get("oldest_at", OLDEST),
            "reported_at": at(seconds),
        }
        database.batches.update_one({"_id": entry["_id"]}, {"$set": values})
        ledger.announce(entry["_id"], at(seconds))

    def copy(entry):
        places = [(int(p), n) for p, (start, end) in sorted(entry["ranges"].items()) for n in range(start, end)]
        first = int(OLDEST.timestamp() * 1000)
        records = [Record(p, n, first + 1000 * index, b"v" * 9) for index, (p, n) in enumerate(places)]
        for number, chunk in enumerate(chunks_of(records, most_bytes=60)):
            document = {"batch": entry["_id"], "number": number, "sha256": chunk.sha256, "body": Binary(chunk.body)}
            database.set_aside.insert_one({"_id": f"{entry['_id']}/{number}"} | document)

    return do


@pytest.fixture
def halved(plan, send, set_aside, database):
    """A batch of five messages that was set aside and halved; its halves."""
    send(b"a", b"b")
    send(b"c", b"d", b"e", partition=2)
    entry = plan("run-1")
    set_aside(entry)
    assert halve_all(database, "errors-1", at(1), 60) == 1
    return list(database.batches.find({"parent": entry["_id"]}).sort("part"))


def test_halves_hold_each_message_once(halved):
    assert [half["ranges"] for half in halved] == [{"0": [0, 2]}, {"2": [0, 3]}]
    assert [half["messages"] for half in halved] == [2, 3]
    assert [half["oldest_at"] for half in halved] == [OLDEST, OLDEST + timedelta(seconds=2)]
    assert {half["origin"]["topic"] for half in halved} and all("topic" not in half for half in halved)


def test_halved_twice_it_has_two_halves(halved, database):
    database.batches.update_one({"_id": halved[0]["parent"]}, {"$set": {"halved_at": None}})
    halve_all(database, "errors-2", at(2), 60)
    assert database.batches.count_documents({"parent": halved[0]["parent"]}) == 2


def test_a_half_is_halved_from_the_copy_of_the_whole(halved, database, set_aside):
    set_aside(halved[1])
    halve_all(database, "errors-2", at(2), 60)
    quarters = list(database.batches.find({"parent": halved[1]["_id"]}).sort("part"))
    assert [quarter["ranges"] for quarter in quarters] == [{"2": [0, 1]}, {"2": [1, 3]}]
    assert {quarter["root"] for quarter in quarters} == {halved[0]["parent"]}


def test_a_damaged_copy_is_named_and_stops_nobody(plan, send, set_aside, database, caplog):
    send(b"a", b"b")
    entry = plan("run-1")
    set_aside(entry)
    database.set_aside.update_one({}, {"$set": {"body": Binary(b"damaged")}})
    with caplog.at_level(logging.ERROR):
        assert halve_all(database, "errors-1", at(1), 60) == 0
    assert f"Batch {entry['_id']} cannot be halved" in caplog.text


def test_the_copy_of_a_batch_that_is_being_set_aside_stays(plan, send, set_aside, database, ledger, finish):
    send(b"a", b"b")
    entry = plan("run-1")
    set_aside(entry)
    database.batches.update_one({"_id": entry["_id"]}, {"$set": {"state": BatchState.ARCHIVED}})
    halve_all(database, "errors-1", at(1), 60)
    assert database.set_aside.find_one({"expires_at": {"$exists": True}}) is None
    database.batches.update_one({"_id": entry["_id"]}, {"$set": {"state": BatchState.SET_ASIDE}})
    halve_all(database, "errors-2", at(2), 60)
    for half in database.batches.find({"parent": entry["_id"]}):
        finish(half["_id"], 3)
    halve_all(database, "errors-3", at(4), 60)
    assert database.set_aside.find_one({"expires_at": None}) is None


def test_the_next_batch_goes_on_behind_what_was_set_aside(halved, plan, send):
    send(b"f")
    half = plan("run-2", 2)
    assert half["parent"], "its turn: no half was taken since the newest batch was planned"
    following = plan("run-3", 3)
    assert (following["previous"], following["ranges"]) == (halved[0]["parent"], {"0": [2, 3]})


def test_halves_and_fresh_batches_take_turns(halved, plan, send, finish):
    taken = []
    for seconds in range(2, 8):
        send(b"fresh")
        entry = plan(f"run-{seconds}", seconds)
        finish(entry["_id"], seconds)
        taken.append("half" if entry.get("parent") else "fresh")
    assert taken == ["half", "fresh", "half", "fresh", "fresh", "fresh"]


def test_without_fresh_events_the_halves_go_on(halved, plan, finish):
    for seconds in (2, 3):
        entry = plan(f"run-{seconds}", seconds)
        assert entry["parent"]
        finish(entry["_id"], seconds)
    with pytest.raises(NothingToDo):
        plan("run-4", 4)


def test_a_half_that_failed_waits_and_holds_nobody_up(
    halved, plan, send, finish, ledger, topic, database, broker, settings
):
    finish(plan("run-2", 2)["_id"], 2)
    failed = plan("run-3", 3)
    ledger.release("run-3", at(4), is_failed=True)
    send(b"fresh")
    watch = BacklogWatch(topic, DagId.PROCESS_EVENTS, database, broker, settings)
    assert watch.look(at(5)) is None
    assert watch.look(at(7.5))["unread"] == 1
    assert "parent" not in plan("run-4", 8)
    finish(database.batches.find_one({"runs": "run-4"})["_id"], 8)
    assert watch.look(at(9))["half"] == failed["_id"]


def test_a_half_goes_on_while_the_batch_of_the_topic_waits(halved, plan, send, ledger, finish):
    finish(plan("run-2", 2)["_id"], 2)
    send(b"fresh")
    fresh = plan("run-3", 3)
    ledger.release("run-3", at(4), is_failed=True)
    assert plan("run-4", 5)["parent"]
    ledger.release("run-4", at(6), is_failed=True)
    assert plan("run-5", 20)["_id"] in (fresh["_id"], halved[1]["_id"])


def test_the_watermark_stays_before_what_was_set_aside(halved, plan, send, finish, ledger, database):
    send(b"fresh")
    plan("run-2", 2)
    assert plan("run-3", 60)["watermark"] == OLDEST
    finish(halved[0]["_id"], 61)
    assert ledger.open_since() == OLDEST + timedelta(seconds=2)
    finish(halved[1]["_id"], 62)
    assert ledger.open_since() is None


def test_a_batch_that_was_set_aside_needs_a_run_until_that_was_announced(plan, send, database, ledger, set_aside):
    send(b"a", b"b")
    entry = plan("run-1")
    database.batches.update_one({"_id": entry["_id"]}, {"$set": {"state": BatchState.SET_ASIDE, "oldest_at": OLDEST}})
    ledger.release("run-1", at(1), is_failed=False)
    assert plan("run-2", 2)["_id"] == entry["_id"]
    ledger.commit(entry["_id"], at(3))
    ledger.announce(entry["_id"], at(3))
    assert ledger.entry(entry["_id"])["state"] == BatchState.SET_ASIDE
    with pytest.raises(NothingToDo):
        plan("run-3", 4)


def aside(**fields):
    place = {"topic": Topic.EVENTS, "topic_id": "id", "ranges": {"3": [7, 9], "11": [1, 4]}}
    return {"_id": 5, "state": BatchState.SET_ASIDE, "oldest_at": OLDEST, **place} | fields


def test_the_error_of_a_batch_is_one_of_the_contract_and_no_entry_of_the_inbox(settings, broker, database, topic, send):
    error = batch_error(aside())
    jsonschema.validate(error, json.loads((ROOT / "contracts" / "schemas" / "error.json").read_text()))
    assert (error["error_id"], error["place"]["partition"], error["place"]["offset"]) == ("batch/5", 3, 7)
    send(json_bytes(error), json_bytes(error | {"error_id": "id/3/7"}), json_bytes(error | {"merchant": "amber"}))
    messages, sender = broker.messages(topic, {0: (0, 3)}), Sender(settings.kafka_bootstrap, 15)
    reprocess(database, sender, messages, "id", Room(database, 1_000), NOW)
    found = {document["_id"] for document in database.failed_events.find()}
    assert found == {"id/3/7", "batch/5"} and database.failed_events.find_one({"_id": "batch/5"})["merchant"] == "amber"
    assert is_of_a_batch(error)


def test_only_what_was_set_aside_is_published_as_failed(settings, make_topic, admin, broker):
    if Topic.ERRORS not in admin.list_topics(timeout=10).topics:
        make_topic(Topic.ERRORS.value)
    before = sum(broker.read_state(Topic.ERRORS.value).ends.values())
    announcing.publish_failed(settings, aside(state=BatchState.COMMITTED))
    announcing.publish_failed(settings, aside())
    assert sum(broker.read_state(Topic.ERRORS.value).ends.values()) == before + 1


class TestExitStatus:
    """A program of the name spark-submit takes an attempt, begins to work on its messages or does not, and ends as the test
    says.
    """

    @pytest.fixture
    def end_with(self, environment, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", '{"conn_type": "spark", "host": "local[1]"}')

        def do(entry, ending, is_begun=True):
            program = tmp_path / "spark-submit"
            change = "[{'$set': {'attempt': {'$add': ['$attempt', 1]}}}, {'$set': {'begun': '$attempt'}}]"
            batches = f"pymongo.MongoClient({environment.mongo_uri!r})[{environment.database!r}].batches"
            work = f"import pymongo; {batches}.update_one({{'_id': {entry['_id']}}}, {change})"
            begin = f"{sys.executable} - <<'END'\n{work}\nEND\n" if is_begun else ""
            program.write_text(f"#!/bin/sh\n{begin}{ending}\n")
            program.chmod(0o755)
            task = SparkJobOperator(task_id="build", job=Job.PROCESS_EVENTS, arguments={"batch": entry["_id"]})
            with pytest.raises(AirflowException) as failed:
                task.execute({"run_id": "run-1"})
            return failed.value

        return do

    def failures(self, ledger, entry):
        return [failure["status"] for failure in ledger.entry(entry["_id"]).get("failures", [])]

    def test_failures_count_and_the_worlds_do_not(self, end_with, plan, send, ledger):
        send(b"a", b"b")
        entry = plan("run-1")
        for ending in ("exit 75", "exit 1", "kill -9 $$", "exit 52", "exit 75"):
            assert not isinstance(end_with(entry, ending), AirflowFailException), "the task is tried again"
        assert self.failures(ledger, entry) == [1, -9, 52]
        assert not is_hopeless(ledger.entry(entry["_id"]))
        end_with(entry, "exit 1")
        assert is_hopeless(ledger.entry(entry["_id"]))

    def test_a_job_that_ends_before_it_has_begun_says_nothing_about_its_batch(self, end_with, plan, send, ledger):
        send(b"a")
        entry = plan("run-1")
        for ending, is_begun in (("exit 1", False), ("exit 75", True), ("exit 1", False), ("exit 1", True)):
            end_with(entry, ending, is_begun)
        for _ in range(3):
            end_with(entry, "exit 1", is_begun=False)
        assert self.failures(ledger, entry) == [1]
        end_with(entry, "kill -9 $$", is_begun=False)
        assert self.failures(ledger, entry) == [1, -9]

    def test_a_half_whose_job_does_not_begin_is_tried_again(self, end_with, halved, ledger):
        assert not isinstance(end_with(halved[0], "exit 1", is_begun=False), AirflowFailException)
        assert self.failures(ledger, halved[0]) == []

    def test_the_run_of_a_half_ends_at_once(self, end_with, halved, ledger):
        assert isinstance(end_with(halved[0], "exit 1"), AirflowFailException)
        assert self.failures(ledger, halved[0]) == [1]

    def test_a_database_that_is_away_hides_no_failure(self, end_with, plan, send, monkeypatch):
        from contracts.settings import settings as settings_of_process

        send(b"a")
        entry = plan("run-1")
        monkeypatch.setenv(
            "FOOTFALL_MONGO_URI", "mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=200"
        )
        settings_of_process.cache_clear()
        assert "Error code is: 1" in str(end_with(entry, "exit 1"))


def test_a_collection_of_copies_takes_no_document_without_its_hash(database):
    from pymongo.errors import WriteError

    with pytest.raises(WriteError, match="failed validation"):
        database[Collection.SET_ASIDE].insert_one({"batch": 1, "number": 0, "body": Binary(b"")})
