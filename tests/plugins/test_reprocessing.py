"""Errors from the topic to the inbox and back to the road, on a real broker and a real database."""

import json
from dataclasses import replace
from datetime import timedelta

import jsonschema
import pytest
from confluent_kafka import KafkaException

from contracts.messages import MAX_MESSAGE_BYTES
from contracts.names import Topic
from footfall_airflow import replaying, reprocessing, retrying
from footfall_airflow.copies import Copy
from footfall_airflow.error_messages import failure_of
from footfall_airflow.inbox_work import other_work, work_off
from footfall_airflow.sending import Sender, Undelivered
from repairs.rules import RULES_VERSION
from tests.airflow_home import ROOT
from tests.plugins.errors import BAD_ORDER, NOW, envelope, error

SCHEMA = json.loads((ROOT / "contracts" / "schemas" / "envelope.json").read_text())
HOPELESS = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1", "revenue": "a lot"}}


@pytest.fixture
def events(broker, make_topic):
    """Reads what was put into the events topic since the test began."""

    def ends():
        return broker.read_state(Topic.EVENTS.value).ends

    try:
        before = ends()
    except KafkaException:
        make_topic(Topic.EVENTS.value)
        before = ends()

    def read():
        ranges = {partition: (before[partition], end) for partition, end in ends().items()}
        return [json.loads(message.value()) for message in broker.messages(Topic.EVENTS.value, ranges)]

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


def accept(database, arrival="0193-a"):
    """What the job does when it has accepted the copy (spark_jobs/repaired.py)."""
    database.failed_events.update_one({"_id": arrival}, {"$set": {"status": "repaired"}})


def test_an_error_is_filed_whole_and_its_repaired_copy_sent(run, inbox, events):
    assert run(error()) == "filed 1, repair 1, retried 0, replayed 0"
    found = inbox()
    assert (found["merchant"], found["code"], found["field"]) == ("chai", "bad_amount", "properties.revenue")
    assert json.loads(found["original"]) == BAD_ORDER
    assert json.loads(found["envelope"]) == envelope()
    assert (found["status"], found["attempt"], found["event"]) == ("repairing", 1, "Order Completed")
    attempt = found["attempts"][0]
    assert (attempt["rule"], attempt["outcome"]) == ("amount_with_currency", None)
    (copy,) = events()
    assert json.loads(attempt["message"]) == json.loads(copy["message"])


def test_a_copy_is_its_arrival_with_another_id_and_the_repaired_message(run, events):
    run(error())
    (copy,) = events()
    repaired = BAD_ORDER | {"properties": {"order_id": "1", "revenue": "1.5", "currency": "EUR"}}
    assert json.loads(copy.pop("message")) == repaired
    expected = envelope(envelope_id="0193-a/r1")
    del expected["message"]
    expected["repair"] = {"error_id": "0193-a", "attempt": 1, "rules_version": RULES_VERSION}
    assert copy == expected
    jsonschema.validate(copy | {"message": "{}"}, SCHEMA)


def test_what_the_collector_found_bad_is_not_bad_any_more(run, events):
    page = json.dumps({"type": "page"})
    reject = {"code": "not_an_object", "field": None}
    source = {"door": "v1/page", "adapter": 1, "raw": "eA=="}
    whole = json.dumps(envelope(json.dumps(page), reject=reject, source=source, message_id=None)).encode()
    run(error(code="not_an_object", field=None, whole=whole))
    (copy,) = events()
    assert (copy["reject"], copy["source"], copy["message"]) == (
        None,
        {"door": "v1/page", "adapter": 1},
        '{"type":"page"}',
    )


def test_run_twice_it_is_one_document_and_one_id(run, inbox, database, events):
    run(error())
    database.failed_events.update_one({}, {"$set": {"status": "waiting", "attempt": 0}})  # it died before it said so
    assert run(again=True) == "filed 0, repair 1, retried 0, replayed 0"
    assert [copy["envelope_id"] for copy in events()] == ["0193-a/r1"] * 2
    assert (inbox()["status"], inbox()["attempt"], len(inbox()["attempts"])) == ("repairing", 1, 1)
    assert run(again=True) == "filed 0, retried 0, replayed 0"
    assert len(events()) == 2


def test_a_copy_that_was_accepted_before_the_run_says_so_stays_repaired(run, inbox, database, monkeypatch):
    monkeypatch.setattr(reprocessing, "note_sent", _after(lambda: accept(database), reprocessing.note_sent))
    run(error())
    assert inbox()["status"] == "repaired"
    run(again=True)
    assert inbox()["status"] == "repaired"


def _after(first, then):
    def do(*arguments):
        first()
        return then(*arguments)

    return do


def test_without_the_broker_nothing_is_said_to_be_sent(database, inbox, broker, topic, send, events):
    send(error())
    messages = list(broker.messages(topic, {0: (0, 1)}))
    room = reprocessing.Room(database, 10)
    with pytest.raises(Undelivered):
        reprocessing.reprocess(database, Sender("127.0.0.1:1", 0.5), messages, "topic-id", room, NOW)
    assert (inbox()["status"], inbox()["attempt"]) == ("waiting", 0)
    assert events() == []


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        (HOPELESS, "bad_amount", "properties.revenue"),
        (BAD_ORDER, "negative_amount", "properties.revenue"),
        (BAD_ORDER, "needs_server_key", "event"),
        ("no json", "bad_json", None),
    ],
)
def test_what_no_rule_repairs_is_parked_at_once(run, inbox, events, message, code, field):
    run(error(message, code=code, field=field))
    assert (inbox()["status"], inbox()["attempts"]) == ("parked", [])
    assert events() == []


def test_a_rejected_copy_stays_one_document_and_is_repaired_further(run, inbox, events):
    message = BAD_ORDER | {"timestamp": "24.11.2026", "properties": {"order_id": "1", "revenue": "1,5"}}
    run(error(message, code="bad_time", field="timestamp"))
    returned = events()[0]["message"]
    run(error(json.loads(returned), error_id="0193-a/r1", batch=4, event_hour="2026-11-24T00:00Z"))
    found = inbox()
    assert (found["status"], found["attempt"], found["code"]) == ("repairing", 2, "bad_time")
    first = found["attempts"][0]
    assert (first["outcome"], first["code"], first["event_hour"]) == ("rejected", "bad_amount", "2026-11-24T00:00Z")
    assert events()[1]["envelope_id"] == "0193-a/r2"
    assert events()[1]["repair"] == {"error_id": "0193-a/r1", "attempt": 2, "rules_version": RULES_VERSION}
    assert json.loads(events()[1]["message"])["properties"]["revenue"] == "1.5"
    assert json.loads(found["original"]) == message


def test_a_copy_rejected_twice_over_is_noted_once(run, inbox, events):
    run(error())
    rejected = error(HOPELESS, error_id="0193-a/r1")
    run(rejected, rejected)
    run(rejected)
    assert (inbox()["status"], inbox()["attempt"], len(inbox()["attempts"])) == ("parked", 1, 1)
    assert inbox()["cause"] == failure_of_value(rejected).cause


def failure_of_value(value):
    class Stood:
        def value(self):
            return value

    return failure_of(Stood(), "topic-id")


def test_after_three_attempts_a_person_decides(run, inbox, database, events):
    for attempt in (1, 2, 3):
        suffix = f"/r{attempt - 1}" if attempt > 1 else ""
        run(error(error_id=f"0193-a{suffix}"))
        assert inbox()["attempt"] == attempt
    run(error(error_id="0193-a/r3"))
    assert (inbox()["status"], inbox()["attempt"]) == ("parked", 3)
    assert len(events()) == 3
    assert database.failed_events.count_documents({}) == 1


def test_a_copy_of_an_arrival_that_the_inbox_does_not_know_is_filed_under_the_arrival(run, inbox):
    run(error(error_id="0193-a/r2"))
    assert (inbox()["attempt"], len(inbox()["attempts"]), inbox()["status"]) == (3, 3, "repairing")


class TestUnknownShop:
    """A shop that was created later."""

    VALUE = error(code="unknown_merchant", field=None)

    def test_it_is_looked_for_with_growing_pauses_and_then_parked(self, run, inbox, database, events):
        run(self.VALUE)
        looks = []
        at = NOW
        while inbox()["next_attempt_at"] is not None:
            looks.append((inbox()["next_attempt_at"] - at).total_seconds())
            at = inbox()["next_attempt_at"]
            assert not other_work(database, Topic.ERRORS)(at - timedelta(seconds=1))
            assert other_work(database, Topic.ERRORS)(at)
            run(at=at)
        assert looks == [60, 600, 3_600]
        assert inbox()["status"] == "parked"
        assert events() == []
        run(again=True, at=at + timedelta(hours=2))
        assert inbox()["status"] == "parked"

    def test_once_it_is_there_the_message_is_sent_as_it_was(self, run, inbox, database, events):
        run(self.VALUE)
        database.merchants.insert_one({"_id": "chai", "name": "Chai", "time_zone": "UTC", "currency": "EUR"})
        assert run(at=NOW + timedelta(seconds=59)).endswith("retried 0, replayed 0")
        assert run(at=NOW + timedelta(seconds=60)).endswith("retried 1, replayed 0")
        assert (inbox()["status"], inbox()["attempt"]) == ("repairing", 1)
        (copy,) = events()
        assert (copy["envelope_id"], json.loads(copy["message"])) == ("0193-a/r1", BAD_ORDER)
        assert not retrying.has_due_retries(database, NOW + timedelta(days=1))


SET = {"action": "set_field", "field": "properties.revenue", "to": "5"}


class TestShopRules:
    @pytest.fixture
    def parked(self, run, inbox):
        run(*[error(HOPELESS, error_id=f"0193-{n}", offset=n) for n in range(3)])
        return inbox("0193-0")["cause"]

    def test_a_replay_sends_a_causes_messages_through_its_rule(self, run, inbox, database, events, make_rule, parked):
        make_rule(parked, SET)
        assert other_work(database, Topic.ERRORS)(NOW)
        assert run().endswith("replayed 3")
        assert sorted(copy["envelope_id"] for copy in events()) == [f"0193-{n}/r1" for n in range(3)]
        assert all(json.loads(copy["message"])["properties"]["revenue"] == "5" for copy in events())
        assert {inbox(f"0193-{n}")["status"] for n in range(3)} == {"repairing"}
        order = database.repair_rules.find_one()["replay"]
        assert (order["state"], order["sent"], order["unfit"], order["done_at"]) == ("done", 3, 0, NOW)
        assert not other_work(database, Topic.ERRORS)(NOW)

    def test_a_replay_that_died_goes_on_with_the_same_ids(self, run, database, events, make_rule, parked, monkeypatch):
        make_rule(parked, SET)

        def die(*arguments):
            raise Undelivered("the end")

        with monkeypatch.context() as broken:
            broken.setattr(reprocessing, "note_sent", die)
            with pytest.raises(Undelivered):
                run()
        run()
        assert sorted(copy["envelope_id"] for copy in events()) == sorted(
            f"0193-{n}/r1" for n in range(3) for _ in "ab"
        )
        assert database.repair_rules.find_one()["replay"]["sent"] == 3

    def test_messages_that_the_rule_does_not_fit_stay(self, run, inbox, database, events, make_rule, parked):
        make_rule(parked, {"action": "map_field", "field": "properties.amount", "to": "properties.revenue"})
        run()
        assert events() == []
        assert inbox("0193-1")["status"] == "parked"
        assert database.repair_rules.find_one()["replay"]["unfit"] == 3

    def test_without_a_rule_they_are_sent_as_they_are(self, run, events, make_rule, parked):
        make_rule(parked, None)
        run()
        assert [json.loads(copy["message"]) for copy in events()] == [HOPELESS] * 3

    def test_a_rule_meets_what_comes_later(self, run, inbox, events, make_rule, parked):
        make_rule(parked, SET, ask=False)
        run(error(HOPELESS, error_id="0193-new", offset=9))
        assert inbox("0193-new")["attempts"][0]["rule"] == "shop_rule"
        assert [copy["envelope_id"] for copy in events()] == ["0193-new/r1"]
        assert inbox("0193-0")["status"] == "parked"

    def test_a_rule_that_did_not_help_is_not_tried_again(self, run, inbox, events, make_rule, parked):
        make_rule(parked, SET | {"to": "lots"})
        run()
        run(error(HOPELESS | {"properties": {"order_id": "1", "revenue": "lots"}}, error_id="0193-0/r1"))
        assert inbox("0193-0")["status"] == "parked"
        assert len(events()) == 3

    def test_what_is_dropped_is_never_sent(self, run, inbox, events, make_rule, parked):
        make_rule(parked, {"action": "drop"})
        run(error(HOPELESS, error_id="0193-new", offset=9))
        assert {inbox(f"0193-{n}")["status"] for n in (0, 1, 2, "new")} == {"dropped"}
        assert events() == []

    def test_a_dropped_message_stays_dropped(self, run, inbox, make_rule, parked):
        make_rule(parked, {"action": "drop"})
        run()
        make_rule(parked, SET)
        assert run(again=True).endswith("replayed 0")
        assert inbox("0193-0")["status"] == "dropped"

    def test_a_replay_after_three_attempts_is_the_fourth(self, run, inbox, make_rule):
        run(error(HOPELESS, error_id="0193-a/r3"))
        make_rule(inbox()["cause"], SET)
        run()
        assert (inbox()["attempt"], inbox()["attempts"][3]["order"]) == (4, f"{inbox()['cause']}/1")


class TestFlood:
    """Of one cause two are kept whole here."""

    @staticmethod
    def hopeless(numbers, **overrides):
        return [error(HOPELESS, error_id=f"0193-{n}", offset=n, **overrides) for n in numbers]

    def test_beyond_the_limit_messages_are_counted_by_hour(self, run, database):
        later = {"event_hour": "2026-11-25T12:00Z", "received_at": "2026-11-25T12:01:00.000Z"}
        run(*self.hopeless(range(5)), *self.hopeless(range(5, 7), **later), most=2)
        assert database.failed_events.count_documents({"is_slim": False, "status": "parked"}) == 2
        (counted,) = database.error_causes.find()
        assert counted["hours"] == [
            {"hour": "2026-11-25T11:00Z", "waiting": 3, "dropped": 0},
            {"hour": "2026-11-25T12:00Z", "waiting": 2, "dropped": 0},
        ]
        assert (counted["first_seen"], counted["last_seen"]) == ("2026-11-25T11:59:00.000Z", later["received_at"])
        assert (counted["merchant"], counted["code"], counted["event"]) == ("chai", "bad_amount", "Order Completed")

    def test_published_twice_they_are_counted_once_whatever_room_there_is(self, run, database):
        run(*self.hopeless(range(5)), most=2)
        run(*self.hopeless(range(3, 6)), most=2)
        run(again=True, most=10)
        assert database.failed_events.count_documents({}) == 2
        assert [hour["waiting"] for one in database.error_causes.find() for hour in one["hours"]] == [4]

    def test_every_batch_and_cause_has_its_own_count(self, run, database):
        run(*self.hopeless(range(3)), *self.hopeless(range(3, 5), batch=4), *self.hopeless([9], merchant="b"), most=1)
        found = {(one["merchant"], one["batch"]): one["hours"][0]["waiting"] for one in database.error_causes.find()}
        assert found == {("chai", 3): 2, ("chai", 4): 2}

    def test_what_a_rule_repairs_is_repaired_and_kept_without_its_bytes(self, run, inbox, database, events):
        run(*[error(error_id=f"0193-{n}", offset=n) for n in range(4)], most=2)
        assert len(events()) == 4
        assert database.failed_events.count_documents({"status": "repairing"}) == 4
        slim = list(database.failed_events.find({"is_slim": True}))
        assert len(slim) == 2
        assert all("original" not in one and "envelope" not in one for one in slim)
        assert database.error_causes.count_documents({}) == 0

    def test_what_is_repaired_makes_room_and_the_oldest_lose_their_bytes(self, run, database, events):
        repairable = [error(error_id=f"0193-{n}", offset=n) for n in range(4)]
        run(*repairable[:2], most=2)
        for n in range(2):
            accept(database, f"0193-{n}")
        run(*repairable[2:], most=2, at=NOW + timedelta(minutes=1))
        whole = {one["_id"] for one in database.failed_events.find({"is_slim": False})}
        assert whole == {"0193-2", "0193-3"}
        assert "message" not in database.failed_events.find_one({"_id": "0193-0"})["attempts"][0]

    def test_dropping_a_cause_drops_what_was_counted(self, run, database, inbox, make_rule):
        run(*self.hopeless(range(5)), most=2)
        make_rule(inbox("0193-0")["cause"], {"action": "drop"})
        assert run(*self.hopeless([7]), most=2).endswith("replayed 5")
        assert [hour["dropped"] for one in database.error_causes.find() for hour in one["hours"]] == [4]
        assert database.failed_events.count_documents({"status": "dropped"}) == 2
        assert replaying.has_replays(database) is False


def test_a_copy_that_the_topic_would_not_take_is_left_to_a_person(run, inbox, database, settings, events):
    run(error(HOPELESS), error(HOPELESS, error_id="0193-b"))
    database.failed_events.update_many({}, {"$set": {"status": "waiting"}})
    copies = [
        Copy("0193-a", 1, envelope(), "x" * MAX_MESSAGE_BYTES, "set_field"),
        Copy("0193-b", 1, envelope(), "{}", "set_field"),
    ]
    sender = Sender(settings.kafka_bootstrap, settings.delivery_timeout_seconds)
    reprocessing.send_copies(database, sender, copies, NOW)
    assert (inbox("0193-a")["status"], inbox("0193-b")["status"]) == ("parked", "repairing")
    assert [copy["message"] for copy in events()] == ["{}"]


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\x00",
        b"",
        b"[]",
        b"null",
        b'{"error_id": "x"}',
        error(error_id=""),
        error(original="not base64!"),
        error(merchant="\ud800"),
        error(batch=2**70),
        b"[" * 5_000,
    ],
    ids=["bytes", "empty", "list", "null", "missing", "no id", "no base64", "half a character", "too large", "deep"],
)
def test_what_is_no_error_message_is_filed_under_its_place(run, inbox, value):
    run(value, error())
    found = inbox("topic-id/0/0")
    assert (found["code"], found["original"], found["place"]["offset"]) == ("bad_envelope", value, 0)
    assert found["status"] == "parked"
    assert inbox()["status"] == "repairing"


@pytest.mark.parametrize("whole", [b"\xff", b"[1]", b'{"v":1}', b"[" * 5_000], ids=["bytes", "list", "empty", "deep"])
def test_bytes_that_are_no_envelope_are_parked_as_they_are(run, inbox, whole):
    run(error(code="bad_envelope", field=None, whole=whole))
    assert (inbox()["status"], inbox()["envelope"]) == ("parked", whole)
