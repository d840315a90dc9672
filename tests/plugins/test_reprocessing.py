"""Errors from the topic to the inbox and back to the road, on a real broker and a real database."""

import json

import jsonschema
import pytest

from contracts.erasures import erased_ids, new_erasure
from contracts.messages import MAX_MESSAGE_BYTES
from contracts.person_ids import IdKind, PersonId, id_key
from footfall_airflow import reprocessing
from footfall_airflow.error_messages import failure_of
from footfall_airflow.sending import Sender, Undelivered
from repairs.copies import Copy
from repairs.rules import RULES_VERSION
from tests.airflow_home import ROOT
from tests.plugins.errors import BAD_ORDER, HOPELESS, NOW, accept, envelope, error

SCHEMA = json.loads((ROOT / "contracts" / "schemas" / "envelope.json").read_text())


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


def test_what_is_of_a_forgotten_person_is_neither_filed_nor_sent(run, database, settings, events):
    key = id_key(settings.erasure_secrets_by_id()["e1"], "chai")
    ids = erased_ids(key, [PersonId(IdKind.ORDER, "1")], is_named=True)
    database.erasures.insert_one(dict(new_erasure("chai/1", "chai", "e1", ids, "anna", NOW)) | {"state": "found"})
    other = BAD_ORDER | {"properties": {"order_id": "2", "revenue": "1,5 €"}}
    assert run(error(), error(other, error_id="0193-b")) == "filed 1, repair 1, retried 0, replayed 0"
    assert [found["_id"] for found in database.failed_events.find()] == ["0193-b"]
    assert [copy["envelope_id"] for copy in events()] == ["0193-b/r1"]


def test_whom_another_shop_has_forgotten_is_not_asked_for(run, database):
    database.erasures.insert_one(dict(new_erasure("teas/1", "teas", "lost", [], "bert", NOW)) | {"state": "done"})
    assert run(error()) == "filed 1, repair 1, retried 0, replayed 0"


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


@pytest.mark.parametrize("attempts", [(0, 1), (1, 0)])
def test_errors_of_one_arrival_come_in_any_order(run, inbox, attempts):
    values = [error(), error(HOPELESS, error_id="0193-a/r1")]
    run(values[0])
    run(*[values[attempt] for attempt in attempts])
    assert (inbox()["status"], inbox()["attempt"]) == ("parked", 1)


@pytest.mark.parametrize("attempts", [(0, 1), (1, 0)])
def test_errors_of_an_arrival_unknown_to_the_inbox_come_in_any_order(run, inbox, attempts):
    values = [error(), error(HOPELESS, error_id="0193-a/r1")]
    run(*[values[attempt] for attempt in attempts])
    run(values[1])
    assert (inbox()["status"], inbox()["attempt"]) == ("parked", 1)


def test_a_copy_rejected_twice_over_is_noted_once(run, inbox, events):
    run(error())
    rejected = error(HOPELESS, error_id="0193-a/r1")
    run(rejected, rejected)
    run(rejected)
    assert (inbox()["status"], inbox()["attempt"], len(inbox()["attempts"])) == ("parked", 1, 1)
    assert inbox()["cause"] == failure_of_value(rejected).cause


def test_a_copy_that_was_noted_as_accepted_waits_again_where_its_batch_was_given_up(run, inbox, database):
    run(error())
    accept(database)
    run(error(error_id="0193-a/r1", code="bad_time", field="timestamp"))
    assert inbox()["status"] == "repaired"
    run(error(error_id="0193-a/r1", code="batch_failed", field=None, batch=9))
    found = inbox()
    assert (found["status"], found["attempts"][0]["outcome"], found["attempts"][0]["batch"]) == (
        "parked",
        "rejected",
        9,
    )


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
