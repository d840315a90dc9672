"""Envelopes: what the collector noted, and bytes that are none of ours."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts import messages
from tests.spark_jobs.samples import KAFKA_TIME, RECEIVED, envelope, message

GOLDEN = Path(messages.__file__).parent / "golden" / "envelope" / "good"
CODES = {
    "bad_json": "bad_json",
    "bad_utf8": "bad_utf8",
    "batch_context": None,
    "not_an_object": "not_an_object",
    "own_text_kept": None,
    "page_view": None,
    "repaired": None,
    "track_without_type": None,
    "unknown_type": "unknown_type",
}
STRANGE = {
    "nothing": None,
    "no bytes": b"",
    "no text": b"\xff\xfe\x00",
    "no JSON": b'{"v":1,',
    "a number": b"42",
    "a list": b"[]",
    "an envelope in a list": b"[" + envelope() + b"]",
    "another version": envelope(v=2),
    "no version": envelope(v=None),
    "no envelope id": envelope(envelope_id=None),
    "an empty envelope id": envelope(envelope_id=" "),
    "no merchant": envelope(merchant=""),
    "no time of receipt": envelope(received_at=None),
    "a time of receipt that is none": envelope(received_at="soon"),
    "no message and no bytes": envelope(message=None),
}
VALUES = {
    **{f"golden {path.stem}": path.read_bytes() for path in GOLDEN.glob("*.json")},
    **STRANGE,
    "returned": envelope(envelope_id="e-1/r12"),
    "not returned": envelope(envelope_id="e-1/rest"),
    "a field more": envelope(surprise=[1]),
    "a generation that is no number": envelope(key_generation="x"),
    "own text": envelope('{ "type":"page", "n":1.50, "é":"\\ud83d" }'),
    "bytes that are not in base64": envelope(message=None, source={"door": "v1/track", "adapter": 1, "raw": "%%%"}),
    "received in another zone": envelope(received_at="2026-11-24T15:32:48.123+01:00"),
}


def test_there_is_a_case_for_every_golden_sample():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CODES)


@pytest.mark.parametrize("name", CODES)
def test_golden_samples(rows, name):
    row, sample = rows[f"golden {name}"], json.loads(VALUES[f"golden {name}"])
    assert (row["outcome"], row["code"]) == ("rejected" if CODES[name] else "accepted", CODES[name])
    assert (row["envelope_id"], row["merchant"]) == (sample["envelope_id"], sample["merchant"])
    assert (row["key_kind"], row["key_generation"]) == (sample["key_kind"], sample["key_generation"])
    assert row["received_at"] == datetime(2026, 11, 24, 14, 32, 48, 123_000, tzinfo=UTC)
    raw = sample["source"].get("raw")
    assert row["original"] == (b64decode(raw) if raw else sample["message"].encode())
    assert row["is_returned"] is (name == "repaired")


@pytest.mark.parametrize("name", [name for name in STRANGE if name != "no message and no bytes"])
def test_what_is_no_envelope_of_ours_keeps_its_bytes_and_place(rows, name):
    row = rows[name]
    assert (row["outcome"], row["code"], row["merchant"]) == ("rejected", "bad_envelope", "")
    assert row["envelope_id"] == f"topic-1/3/{row['offset']}"
    assert row["received_at"] == row["event_time"] == KAFKA_TIME
    assert row["original"] == row["envelope"] == (VALUES[name] or b"")


def test_an_envelope_without_a_message_is_kept_whole(rows):
    row = rows["no message and no bytes"]
    assert (row["code"], row["field"], row["merchant"]) == ("bad_envelope", "message", "amber")
    assert row["original"] == VALUES["no message and no bytes"]


def test_returned_arrivals(rows):
    assert rows["returned"]["is_returned"] and not rows["not returned"]["is_returned"]


def test_the_clients_text_is_kept_to_the_byte(rows):
    assert rows["own text"]["original"] == '{ "type":"page", "n":1.50, "é":"\\ud83d" }'.encode()
    assert rows["own text"]["envelope"] is None


@pytest.mark.parametrize("name", ["a field more", "a generation that is no number", "received in another zone"])
def test_small_deviations_hide_nothing(rows, name):
    row = rows[name]
    assert (row["outcome"], row["type"], row["received_at"]) == ("accepted", "page", RECEIVED)
    assert row["original"] == json.dumps(message()).encode()


def test_bytes_that_cannot_be_decoded_are_replaced_by_the_whole_value(rows):
    assert rows["bytes that are not in base64"]["original"] == VALUES["bytes that are not in base64"]
