"""Envelopes keep the contract: shape, schema, golden samples."""

import json
from base64 import b64decode
from pathlib import Path

import jsonschema
import pytest

from collector.envelopes import Arrival, Envelope, envelope_of, received_now
from collector.splitting import Member, Reject, read_member
from contracts import messages
from contracts.errors import ErrorCode
from contracts.keys import KeyKind, WriteKey

CONTRACTS = Path(messages.__file__).parent
GOLDEN = sorted((CONTRACTS / "golden").glob("*/*/*.json"))
ARRIVAL = Arrival(
    WriteKey(KeyKind.PAGE, "t1", "amber", 2), "2026-11-24T14:32:48.123Z", "v1/track", "203.0.113.0", "Mozilla"
)


def schema(name: str) -> dict:
    return json.loads((CONTRACTS / "schemas" / f"{name}.json").read_text())


def checked(envelope: bytes) -> dict:
    read = json.loads(envelope)
    jsonschema.validate(read, schema("envelope"))
    return read


def test_there_are_golden_samples_of_every_kind():
    kinds = {path.parts[-3:-1] for path in GOLDEN}
    assert kinds == {
        (name, kind) for name in ("envelope", "error", "ready", "request", "shop_keys") for kind in ("good", "bad")
    }


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: "/".join(path.parts[-3:]))
def test_golden_samples_fit_their_schema_or_do_not(path):
    name, kind = path.parts[-3:-1]
    validator = jsonschema.Draft202012Validator(schema(name))
    assert validator.is_valid(json.loads(path.read_text())) is (kind == "good")


@pytest.mark.parametrize(
    ("name", "shape"),
    [("envelope", messages.Envelope), ("error", messages.ErrorMessage), ("ready", messages.ReadyMessage)],
)
def test_schemas_have_the_fields_of_the_contract(name, shape):
    assert list(schema(name)["properties"]) == list(shape.__annotations__)


def test_the_schemas_know_every_code():
    codes = [str(code) for code in ErrorCode]
    assert schema("envelope")["properties"]["reject"]["properties"]["code"]["enum"] == codes
    assert schema("error")["properties"]["code"]["enum"] == codes


def test_the_encoded_envelope_has_the_fields_of_the_contract():
    assert list(Envelope.__struct_fields__) == list(messages.Envelope.__annotations__)


def test_a_message_travels_verbatim():
    body = '{ "type":"track", "event":"Café \\ud83d", "n":1.50 }'
    envelope = checked(
        envelope_of(ARRIVAL._replace(sent_at="then", context='{"a": 1}'), read_member(body.encode(), None))
    )
    assert envelope["message"] == body
    assert (envelope["merchant"], envelope["key_kind"], envelope["key_generation"]) == ("amber", "page", 2)
    assert (envelope["sent_at"], envelope["context"], envelope["reject"]) == ("then", '{"a": 1}', None)


def test_bytes_that_are_no_text_travel_in_base64():
    body = b'{"type":"track","event":"caf\xe9"}'
    envelope = checked(envelope_of(ARRIVAL, read_member(body, None)))
    assert envelope["reject"] == {"code": "bad_utf8", "field": None}
    assert envelope["message"] is None and b64decode(envelope["source"]["raw"]) == body


def test_the_bytes_of_a_bad_body_are_bounded():
    envelope = checked(envelope_of(ARRIVAL, Member(None, b"x" * 100_000, None, Reject(ErrorCode.BAD_JSON, None))))
    assert len(b64decode(envelope["source"]["raw"])) == 32 * 1024


def test_envelope_ids_rise_with_time():
    member = read_member(b'{"type":"page"}', None)
    ids = [json.loads(envelope_of(ARRIVAL, member))["envelope_id"] for _ in range(100)]
    assert len(set(ids)) == 100 and ids == sorted(ids)


def test_received_now_is_utc_with_milliseconds():
    checked(envelope_of(ARRIVAL._replace(received_at=received_now()), read_member(b'{"type":"page"}', None)))
