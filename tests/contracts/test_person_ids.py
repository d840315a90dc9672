"""Ids of people: found in messages whatever their shape, and known by nothing but a keyed hash."""

import base64
import json

import pytest

from contracts.person_ids import (
    HASH_CHARACTERS,
    IdKind,
    PersonId,
    hashed,
    id_key,
    ids_in_text,
    ids_of_bytes,
    message_of_envelope,
    normal,
)

ANNA, U7, O1001 = PersonId(IdKind.ANONYMOUS, "anna"), PersonId(IdKind.USER, "u7"), PersonId(IdKind.ORDER, "1001")


def test_a_message_carries_ids_of_three_kinds():
    message = {"anonymousId": "anna", "userId": "u7", "properties": {"order_id": "1001", "coupon": "u8"}}
    assert ids_in_text(json.dumps(message)) == {ANNA, U7, O1001}


@pytest.mark.parametrize("written", ["1001", '"1001"', '" 1001 "'])
def test_an_id_is_the_same_however_it_is_written(written):
    assert ids_in_text(f'{{"properties": {{"order_id": {written}}}}}') == {O1001}


@pytest.mark.parametrize("nothing", ["null", '""', '"  "', '"null"', '"Undefined"', '"0"', "0", "[]", "{}", "true"])
def test_what_clients_send_when_they_have_none_is_nobody(nothing):
    assert ids_in_text(f'{{"userId": {nothing}, "properties": {{"order_id": {nothing}}}}}') == set()


def test_an_alias_names_the_id_before_of_either_kind():
    found = ids_in_text('{"type": "alias", "previousId": "anna", "userId": "u7"}')
    assert found == {ANNA, U7, PersonId(IdKind.USER, "anna")}


@pytest.mark.parametrize(
    "text",
    ['{"anonymousId": "anna"', '["anna"]', "anonymousId=anna&x=1", '"anna"', "user anna", '{"anonymousId": "anna",}'],
)
def test_every_word_of_a_text_that_is_no_object_may_be_one(text):
    assert ANNA in ids_in_text(text)


def test_a_word_in_quotes_may_have_spaces():
    assert PersonId(IdKind.USER, "anna may") in ids_in_text('{"userId": "anna may", }')


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b'{"userId":' + b"1" * 10_000, b'"\\'])
def test_no_bytes_raise(content):
    ids_of_bytes(content)


def test_too_long_a_text_is_no_id():
    assert normal("x" * 512) == "x" * 512 and normal("x" * 513) is None


def test_hashes_differ_by_secret_shop_kind_and_id():
    keys = [id_key(secret, shop) for secret in (b"1" * 16, b"2" * 16) for shop in ("lamps", "teas")]
    ids = [PersonId(kind, value) for kind in IdKind for value in ("a", "b")]
    hashes = {hashed(key, one) for key in keys for one in ids}
    assert len(hashes) == len(keys) * len(ids)
    assert {len(one) for one in hashes} == {HASH_CHARACTERS}


def test_an_envelope_holds_text_or_raw_bytes():
    assert message_of_envelope(b'{"merchant": "lamps", "message": "{}"}') == ("lamps", b"{}")
    raw = base64.b64encode(b"\xffx").decode()
    assert message_of_envelope(json.dumps({"merchant": "lamps", "source": {"raw": raw}}).encode()) == (
        "lamps",
        b"\xffx",
    )


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"null", b'{"merchant": 7}', b"\xff"])
def test_what_is_no_envelope_says_nothing(value):
    assert message_of_envelope(value) is None
