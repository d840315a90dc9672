import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from contracts.names import Topic
from footfall_airflow.announcing import publish, ready_messages
from footfall_airflow.sending import Undelivered

AT = datetime(2026, 11, 25, 12, 0, 1, 250_000, tzinfo=UTC)
TOUCHED = [{"merchant": "nordlicht", "reports": ["r1", "r2"]}, {"merchant": "chai", "reports": ["r3"]}]
BATCH = {"_id": 12, "topic": Topic.EVENTS, "watermark": AT, "committed_at": AT, "touched": TOUCHED}
SCHEMA = json.loads((Path(__file__).parents[2] / "contracts" / "schemas" / "ready.json").read_text())


def test_one_message_a_merchant():
    messages = ready_messages(BATCH)
    assert messages[0] == {
        "v": 1,
        "ready_id": "12/nordlicht",
        "merchant": "nordlicht",
        "batch": 12,
        "reports": ["r1", "r2"],
        "watermark": "2026-11-25T12:00:01.250Z",
        "at": "2026-11-25T12:00:01.250Z",
    }
    assert [message["ready_id"] for message in messages] == ["12/nordlicht", "12/chai"]


def test_a_round_has_no_batch_and_no_watermark():
    message = ready_messages({"_id": "days-13", "reported_at": AT, "touched": TOUCHED})[0]
    assert (message["ready_id"], message["batch"], message["watermark"]) == ("days-13/nordlicht", None, None)


def test_a_batch_of_requests_says_nothing_about_what_arrived():
    message = ready_messages(BATCH | {"topic": Topic.REPORT_REQUESTS})[0]
    assert (message["batch"], message["watermark"]) == (12, None)


def test_messages_are_those_of_the_contract():
    for entry in (BATCH, {"_id": "days-13", "reported_at": AT, "touched": TOUCHED}):
        for message in ready_messages(entry):
            jsonschema.validate(message, SCHEMA)


@pytest.fixture
def ready_topic(make_topic, admin):
    if Topic.REPORT_READY not in admin.list_topics(timeout=10).topics:
        make_topic(Topic.REPORT_READY.value)


def test_sent_again_they_are_the_same(settings, broker, ready_topic):
    before = broker.read_state(Topic.REPORT_READY.value).ends
    for _ in range(2):
        assert publish(settings.kafka_bootstrap, ready_messages(BATCH), 10) == 2
    after = broker.read_state(Topic.REPORT_READY.value).ends
    ranges = {partition: (before[partition], end) for partition, end in after.items()}
    ids = [json.loads(message.value())["ready_id"] for message in broker.messages(Topic.REPORT_READY.value, ranges)]
    assert sorted(ids) == ["12/chai", "12/chai", "12/nordlicht", "12/nordlicht"]


def test_a_shop_of_which_very_many_reports_were_replaced_is_announced(settings, broker, ready_topic):
    reports = [f"nordlicht/1/family-{family}/{day:05}" for family in range(13) for day in range(10_000)]
    entry = {"_id": "days-14", "reported_at": AT, "touched": [{"merchant": "nordlicht", "reports": reports}]}
    assert publish(settings.kafka_bootstrap, ready_messages(entry), 20) == 1


def test_without_a_broker_nothing_is_announced():
    with pytest.raises(Undelivered, match=r"2 of 2 messages"):
        publish("127.0.0.1:1", ready_messages(BATCH), 1)
