"""Bodies taken apart: the members' own bytes, ids, and why a member is rejected."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.splitting import BATCH_MESSAGES, MESSAGE_BYTES, Parcel, Reject, read_member, split_batch, split_single
from contracts.errors import ErrorCode
from contracts.events import MessageType

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)


def code_of(body: bytes, door: MessageType | None = None) -> ErrorCode | None:
    reject = read_member(body, door).reject
    return reject and reject.code


def test_members_keep_their_own_bytes():
    members = [b'{ "type":"track", "n":1.50 }', b'{"type":"page","t":"caf\\u00e9"}', b"42"]
    parcel = split_batch(
        b'{"sentAt":"2026-11-24T10:00:00Z", "context": {"a": 1} ,"batch":[' + b" , ".join(members) + b"]}"
    )
    assert parcel == Parcel(None, "2026-11-24T10:00:00Z", '{"a": 1}', members)


@given(st.lists(JSON_VALUES, max_size=6), st.booleans())
def test_any_members_come_out_as_they_went_in(values, is_ascii):
    members = [json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass") for value in values]
    assert split_batch(b'{"batch":[' + b",".join(members) + b"]}").members == members


@given(st.binary(max_size=60))
def test_no_body_raises(body):
    for text in (body, b'{"batch":[' + body + b"]}", b'{"writeKey":' + body + b"}"):
        split_batch(text)
        split_single(text)
        read_member(text, MessageType.TRACK)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", ErrorCode.BAD_JSON),
        (b'{"batch":[1}', ErrorCode.BAD_JSON),
        (b'{"batch":[{"a":NaN}]}', ErrorCode.BAD_JSON),
        (b'{"batch":[{"a":"\\ud83d"},{"b":NaN}]}', ErrorCode.BAD_JSON),
        (b'{"batch":[]} more', ErrorCode.BAD_JSON),
        (b'{"batch":' + b"[" * 100_000, ErrorCode.BAD_JSON),
        (b'{"batch":[' + b"[" * 9_000 + b"]" * 9_000 + b" 1 2]}", ErrorCode.BAD_JSON),
        (b"[]", ErrorCode.NOT_AN_OBJECT),
        (b"{}", ErrorCode.NO_BATCH),
        (b'{"batch":{}}', ErrorCode.NO_BATCH),
        (b'{"batch":[' + b",".join([b"1"] * (BATCH_MESSAGES + 1)) + b"]}", ErrorCode.TOO_LARGE),
        (b'{"batch":[1],"context":"' + b"x" * MESSAGE_BYTES + b'"}', ErrorCode.TOO_LARGE),
        (b'{"batch":[1],"context":{"a":"\xff"}}', ErrorCode.BAD_UTF8),
    ],
)
def test_a_body_that_cannot_be_split_says_why(body, code):
    reject = split_batch(body)
    assert isinstance(reject, Reject)
    assert reject.code is code


def test_a_cut_emoji_harms_neither_its_message_nor_its_neighbours():
    members = [b'{"type":"track","event":"ok"}', b'{"type":"track","messageId":"m\\ud83d","title":"cut \\ud83d"}']
    parcel = split_batch(b'{"batch":[' + b", ".join(members) + b'],"writeKey":"k"}')
    assert parcel.members == members and parcel.write_key == "k"
    member = read_member(members[1], None)
    assert member.text.encode() == members[1] and member.message_id == "m?" and member.reject is None


def test_a_member_without_end_harms_its_neighbours_as_little():
    deep = b'{"type":"page","a":' + b"[" * 9_000 + b'"]\\""' + b"]" * 9_000 + b"}"
    members = [b'{"type":"page"}', deep, b'{"type":"page","t":"["}']
    parcel = split_batch(b'{"writeKey":"k","batch":[' + b" , ".join(members) + b'],"sentAt":"now"}')
    assert parcel == Parcel("k", "now", None, members)
    assert [read_member(member, None).reject for member in members] == [None, Reject(ErrorCode.BAD_JSON, None), None]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"type":"track"}', None),
        (b'{"type":"purchase"}', ErrorCode.UNKNOWN_TYPE),
        (b'{"type":["track"]}', ErrorCode.UNKNOWN_TYPE),
        (b'{"type":null}', ErrorCode.UNKNOWN_TYPE),
        (b'{"event":"x"}', ErrorCode.UNKNOWN_TYPE),
        (b"[1]", ErrorCode.NOT_AN_OBJECT),
        (b"null", ErrorCode.NOT_AN_OBJECT),
        (b'{"type":"track","event":"caf\xe9"}', ErrorCode.BAD_UTF8),
        (b'{"type":"track","x":"' + b"x" * MESSAGE_BYTES + b'"}', ErrorCode.TOO_LARGE),
    ],
)
def test_a_member_is_an_object_of_a_known_type(body, code):
    assert code_of(body) is code


def test_the_door_gives_its_type_to_a_message_without_one():
    assert code_of(b'{"event":"x"}', MessageType.TRACK) is None
    assert code_of(b'{"type":"purchase"}', MessageType.TRACK) is ErrorCode.UNKNOWN_TYPE


def test_bytes_stay_where_there_is_no_text():
    bad = b'{"type":"track","event":"caf\xe9"}'
    assert read_member(bad, None)[:2] == (None, bad)


@pytest.mark.parametrize(
    ("message", "message_id"),
    [
        ('{"messageId":"a-1"}', "a-1"),
        ('{"messageId":17}', "17"),
        ('{"messageId":"caf\\u00e9"}', "café"),
    ],
)
def test_a_message_keeps_its_id(message, message_id):
    assert read_member(message.encode(), MessageType.TRACK).message_id == message_id


def test_without_an_id_the_bytes_make_one_if_there_is_a_client_time():
    body = b'{"type":"track","event":"x","timestamp":"2026-11-24T10:00:00Z"}'
    first, again = (read_member(body, None).message_id for _ in range(2))
    assert first == again and first.startswith("sha256:") and len(first) == len("sha256:") + 32
    assert read_member(body + b" ", None).message_id != first


def test_without_an_id_and_a_time_the_id_is_random():
    body = b'{"type":"track","event":"x","messageId":"","timestamp":null}'
    assert read_member(body, None).message_id != read_member(body, None).message_id


def test_a_single_message_carries_its_own_key_and_time():
    body = b'{"event":"x","messageId":"m","writeKey":"k","sentAt":"2026-11-24T10:00:00Z"}'
    parcel = split_single(body)
    assert parcel[:4] == ("k", "2026-11-24T10:00:00Z", None, [body])
    assert read_member(body, MessageType.TRACK, parcel.single) == read_member(body, MessageType.TRACK)
