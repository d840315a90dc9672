"""What a program with access to the broker may put straight into the topic, past the collector."""

import json
from typing import Any

from tests.bad_inputs.rows import COUNTED, BadInput, Door, Fate, inbox

PAGE = b'{"type":"page","anonymousId":"v"}'
NO_ENVELOPE = inbox("bad_envelope", whole_value=True, merchant="")


def _value(name: str, sent: bytes | None, **details: Any) -> BadInput:
    return BadInput(name, Door.VALUE, sent, NO_ENVELOPE, **details)


def _message(name: str, sent: bytes, fate: Fate) -> BadInput:
    return BadInput(name, Door.MESSAGE, sent, fate)


def _envelope(name: str, fate: Fate, **fields: Any) -> BadInput:
    return BadInput(name, Door.ENVELOPE, PAGE, fate, fields=fields)


VALUES = [
    _value("no value at all", None),
    _value("an empty value", b""),
    _value("words in the topic", b"hello"),
    _value("every byte there is", bytes(range(256))),
    _value("zero bytes in the topic", b"\0\0\0\0"),
    _value("a number in the topic", b"42"),
    _value("a list in the topic", b'[{"v":1}]'),
    _value("an empty object in the topic", b"{}"),
    _value("a message without its envelope", PAGE),
    _value("half an envelope", b'{"v":1,"envelope_id":"e","merchant":"am'),
    _value("an envelope in UTF-16", '{"v":1}'.encode("utf-16")),
    _value("an envelope without ids", b'{"v":1,"received_at":"2026-11-20T12:00:00Z","message":"{}"}'),
    _value("lists in lists in the topic", b"[" * 50_000),
    _value("1.9 MB of letters", b"x" * 1_900_000),
    _value("a message that the broker dates to 1970", b"old", kafka_time_ms=1),
]
MESSAGES = [
    _message("words in an envelope", b"hello", inbox("not_an_object")),
    _message("null in an envelope", b"null", inbox("not_an_object")),
    _message("half a message in an envelope", b'{"type":"page",', inbox("bad_json")),
    _message(
        "an amount of NaN in an envelope",
        json.dumps(
            {"type": "track", "event": "Order Completed", "properties": {"order_id": "1", "revenue": float("nan")}}
        ).encode(),
        inbox("bad_amount"),
    ),
    _message("single quotes in an envelope", b"{'type':'page'}", COUNTED),
]
ENVELOPES = [
    _envelope("of another version", NO_ENVELOPE, v=2),
    _envelope("without an id", NO_ENVELOPE, envelope_id=""),
    _envelope("with an id of 100,000 letters", inbox("bad_id"), envelope_id="e" * 100_000),
    _envelope("without a shop", NO_ENVELOPE, merchant=None),
    _envelope("of a shop that does not exist", inbox("unknown_merchant", merchant="no\0body"), merchant="no\0body"),
    _envelope("without a time", NO_ENVELOPE, received_at="soon"),
    _envelope("received in the year 9999", COUNTED, received_at="9999-12-30T12:00:00Z"),
    _envelope("received in 1970", COUNTED, received_at="1970-01-01T00:00:00Z"),
    _envelope("without a message", inbox("bad_envelope", whole_value=True), message=None),
    _envelope("whose message is an object", COUNTED, message={"type": "page"}),
    _envelope(
        "whose bytes are no base64",
        inbox("bad_utf8", whole_value=True),
        message=None,
        source={"door": "v1/batch", "adapter": 1, "raw": "not base64!"},
        reject={"code": "bad_utf8", "field": None},
    ),
    _envelope(
        "rejected for a reason that nobody knows", inbox("bad_envelope"), reject={"code": "$a.b\0", "field": "x"}
    ),
    _envelope("whose reason is a text", COUNTED, reject="bad"),
    _envelope("with a key of no kind", COUNTED, key_kind={"$ne": "page"}, key_generation="first"),
    _envelope("repaired ² times", inbox("unknown_type"), envelope_id="a/r²", message='{"type":"?"}'),
    _envelope(
        "repaired more often than a number can say",
        inbox("unknown_type"),
        envelope_id="a/r" + "9" * 30,
        message='{"type":"!"}',
    ),
    _envelope("with a context that is no JSON", COUNTED, context="{"),
]
IN_TOPIC = [*VALUES, *MESSAGES, *ENVELOPES]
