"""Messages: the client's JSON text to the fields that rules use."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tests.spark_jobs.samples import RECEIVED, TIME, envelope, message, order, track

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
JS = {"name": "analytics.js"}
TIMELESS = '{"type":"page","anonymousId":"v-1"}'
WITHOUT_ID = '{"type":"page", "timestamp":"2026-11-24T14:32:47.900Z"}'


def through(door, **fields):
    return envelope(message(**({"type": None} | fields)), source={"door": door, "adapter": 1})


CASES = {
    # name -> (value, columns that matter)
    "a page view": (envelope(), {"type": "page", "event": None, "message_id": "m-1", "anonymous_id": "v-1"}),
    "a track message": (envelope(track("Wish List Opened")), {"type": "track", "event": "Wish List Opened"}),
    "a known name": (envelope(track("add_to_cart")), {"event": "Product Added"}),
    "a custom name is trimmed": (envelope(track(" Tea\tTasted ")), {"event": "Tea\tTasted"}),
    "the event of a page is none": (envelope(message(event="Order Completed")), {"event": None, "order": None}),
    # the door stands in for the type
    "the long door": (through("v1/identify"), {"type": "identify"}),
    "the short door": (through("v1/t", event="x"), {"type": "track", "event": "x"}),
    "an empty type": (through("v1/p", type=""), {"type": "page"}),
    "the own type first": (through("v1/p", type="screen"), {"type": "screen"}),
    # ids
    "the envelope's id first": (envelope(message_id="outer"), {"message_id": "outer"}),
    "an id from the bytes": (
        envelope(WITHOUT_ID),
        {"message_id": f"sha256:{sha256(WITHOUT_ID.encode()).hexdigest()[:32]}"},
    ),
    "an id of the arrival's own": (envelope(TIMELESS, envelope_id="e-9"), {"message_id": "e-9"}),
    "ids that are numbers": (
        envelope('{"type":"page","messageId":12345678901234567890,"anonymousId":7,"userId":12.50}'),
        {"message_id": "12345678901234567890", "anonymous_id": "7", "user_id": "12.5"},
    ),
    "ids that say nothing": (envelope(message(anonymousId=" ", userId="")), {"anonymous_id": None, "user_id": None}),
    # times
    "originalTimestamp first": (
        envelope(message(originalTimestamp="2026-11-24T14:00:00Z")),
        {"client_time": datetime(2026, 11, 24, 14, tzinfo=UTC)},
    ),
    "an empty originalTimestamp": (envelope(message(originalTimestamp="")), {"client_time": TIME}),
    "a time in seconds": (envelope(message(timestamp=1795530767.9)), {"client_time": TIME}),
    "no time": (
        envelope(message(timestamp=None)),
        {"client_time": None, "event_time": RECEIVED, "time_source": "received", "outcome": "accepted"},
    ),
    "the batch's sentAt first": (
        envelope(message(sentAt="2026-11-24T10:00:00Z"), sent_at="2026-11-24T14:32:48Z"),
        {"sent_at": datetime(2026, 11, 24, 14, 32, 48, tzinfo=UTC), "time_source": "client"},
    ),
    "else the message's own": (
        envelope(message(sentAt="2026-11-24T10:00:00Z", timestamp="2026-11-24T09:59:00Z"), sent_at=None),
        {"event_time": RECEIVED - timedelta(minutes=1), "time_source": "corrected"},
    ),
    "a sentAt that is none": (envelope(sent_at="soon"), {"flags": ["bad_sent_at"], "event_time": TIME}),
    "a future time": (
        envelope(message(timestamp="2026-11-25T00:00:00Z")),
        {"flags": ["future_time"], "event_time": RECEIVED, "time_source": "capped"},
    ),
    # context: the message's own, else the batch's, else the header
    "the message's agent": (
        envelope(message(context={"userAgent": BOT, "library": JS}), user_agent=AGENT),
        {"user_agent": BOT, "is_bot": True},
    ),
    "the batch's agent": (
        envelope(context=json.dumps({"userAgent": BOT, "library": {"name": " Analytics.js"}}), user_agent=AGENT),
        {"user_agent": BOT, "is_bot": True},
    ),
    "field by field": (
        envelope(message(context={"library": JS}), context=json.dumps({"userAgent": BOT})),
        {"user_agent": BOT, "is_bot": True},
    ),
    "the header's agent": (envelope(user_agent=AGENT), {"user_agent": AGENT, "is_bot": False}),
    "a bot that is no browser": (envelope(user_agent=BOT), {"user_agent": BOT, "is_bot": False}),
    "a long agent": (envelope(message(context={"userAgent": "x" * 5000})), {"user_agent": "x" * 1024}),
    "a context that is none": (envelope(message(context=[1])), {"outcome": "accepted", "user_agent": None}),
    "a context of the batch that is none": (envelope(context="tea"), {"outcome": "accepted", "user_agent": None}),
    "an order of a bot": (
        envelope(order() | {"context": {"userAgent": BOT, "library": JS}}),
        {"is_bot": False, "event": "Order Completed"},
    ),
    # cookieless
    "cookieless": (envelope(message(anonymousId=None, context={"cookieless": True})), {"is_cookieless": True}),
    "cookieless with an id": (envelope(message(context={"cookieless": True})), {"is_cookieless": False}),
    "not cookieless": (envelope(message(anonymousId=None, context={"cookieless": False})), {"is_cookieless": False}),
    "without an id and a word": (envelope(message(anonymousId=None)), {"is_cookieless": False, "outcome": "accepted"}),
    # wrong types hide nothing else
    "strange but harmless": (
        envelope('{"type":"page","messageId":"m","userId":{"a":1},"properties":{"products":7,"price":[]}}'),
        {"outcome": "accepted", "message_id": "m", "user_id": '{"a":1}'},
    ),
    "no properties": (envelope(track("x", properties=None)), {"outcome": "accepted"}),
    "null properties": (envelope('{"type":"page","properties":null}'), {"outcome": "accepted"}),
    "a sentence about properties": (envelope(message(title='"properties"')), {"outcome": "accepted"}),
}
VALUES = {name: value for name, (value, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_fields(rows, name):
    expected = CASES[name][1]
    assert {column: rows[name][column] for column in expected} == expected
