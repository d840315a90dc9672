import base64
import json
from datetime import UTC, datetime

import pytest

from footfall_airflow.filing import file_errors

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ORIGINAL, ENVELOPE = b'{"type":"track"\xff', b'{"v":1}'
ERROR = {
    "v": 1,
    "error_id": "0193-a",
    "merchant": "chai",
    "batch": 3,
    "code": "bad_time",
    "field": "timestamp",
    "place": {"topic": "footfall.events.v1", "partition": 2, "offset": 41},
    "received_at": "2026-11-25T11:59:00.000Z",
    "event_hour": "2026-11-25T11:00Z",
    "attempt": 0,
    "original": base64.b64encode(ORIGINAL).decode(),
    "envelope": base64.b64encode(ENVELOPE).decode(),
}


@pytest.fixture
def file(database, broker, topic, send):
    """Sends the values and files what the topic holds."""

    def do(*values):
        send(*values)
        state = broker.read_state(topic)
        messages = broker.messages(topic, {partition: (0, end) for partition, end in state.ends.items()})
        return file_errors(database, messages, "topic-id", NOW)

    return do


def message(**overrides):
    return json.dumps({**ERROR, **overrides}).encode()


def test_an_error_is_whole(file, database):
    assert file(message()) == 1
    document = database.failed_events.find_one({"_id": "0193-a"})
    assert (document.pop("original"), document.pop("envelope")) == (ORIGINAL, ENVELOPE)
    kept = {name: value for name, value in ERROR.items() if name not in ("v", "error_id", "original", "envelope")}
    assert document == {"_id": "0193-a", **kept, "status": "waiting", "filed_at": NOW}


def test_filed_twice_it_is_one_and_stays_as_it_is(file, database):
    file(message())
    database.failed_events.update_one({"_id": "0193-a"}, {"$set": {"status": "repaired"}})
    assert file(message(code="bad_id")) == 0
    assert database.failed_events.count_documents({}) == 1
    assert database.failed_events.find_one()["status"] == "repaired"
    assert database.failed_events.find_one()["code"] == "bad_time"


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\x00",
        b"",
        b"[]",
        b"null",
        b'{"error_id": "x"}',
        message(error_id=""),
        message(original="not base64!"),
        message(merchant="\ud800"),
        message(batch=2**70),
        b"[" * 5_000,
    ],
    ids=["bytes", "empty", "list", "null", "missing", "no id", "no base64", "half a character", "too large", "deep"],
)
def test_what_is_no_error_message_is_filed_under_its_place(file, database, value):
    assert file(value, message()) == 2
    document = database.failed_events.find_one({"_id": "topic-id/0/0"})
    assert (document["code"], document["original"], document["place"]["offset"]) == ("bad_envelope", value, 0)
    assert database.failed_events.find_one({"_id": "0193-a"})
