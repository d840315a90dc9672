"""What of an envelope a person of its shop may look at."""

import json

import pytest

from report_app.arrivals.arrival import arrival_of
from tests.report_app.arrivals.envelopes import RECEIVED, arrival, envelope


def test_an_envelope_of_the_shop():
    found = arrival()
    assert (found.type, found.event, found.key_kind, found.key_generation) == ("track", "Product Viewed", "page", 2)
    assert (found.received_at, found.door, found.code) == (RECEIVED, "v1/batch", None)


def test_what_the_collector_rejected_says_why():
    found = arrival(message_id=None, message=None, reject={"code": "bad_json", "field": None})
    assert (found.code, found.field) == ("bad_json", None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"\xff nordlicht",
        b'"nordlicht"',
        b'{"merchant":"nordlicht"}',
        b"[" * 5_000 + b"nordlicht",
        json.dumps(envelope(merchant="other", message='{"note":"nordlicht"}')).encode(),
        json.dumps(envelope(received_at="nordlicht")).encode(),
        json.dumps(envelope(received_at="0001-01-01T00:00:00+14:00")).encode(),
        json.dumps(envelope(source=None)).encode(),
        json.dumps(envelope(key_kind="root")).encode(),
    ],
    ids=[
        "nothing",
        "no text",
        "no object",
        "half",
        "deep",
        "another's",
        "no time",
        "no such time",
        "no door",
        "no kind",
    ],
)
def test_anything_else_is_nothing_of_the_shops(value):
    assert arrival_of(value, (0, 0), "nordlicht") is None


def test_the_title_of_a_page_may_name_a_person_and_is_not_taken():
    assert arrival({"type": "page", "event": None, "name": "Order of Anna Berg"}).event == ""


def test_copies_have_the_same_key_and_others_have_not():
    assert arrival().copy_key == arrival().copy_key
    assert arrival({"timestamp": "2026-11-24T13:32:06.000Z"}).copy_key != arrival().copy_key
    assert arrival({"messageId": "m-2"}).copy_key != arrival().copy_key


def test_what_is_very_long_is_not_kept():
    assert len(arrival({"properties": {"x": "y" * 100_000}}).text) < 100


@pytest.mark.parametrize("odd", [3, None, [], {"a": 1}, "NaN"])
def test_odd_messages_raise_nothing(odd):
    found = arrival_of(
        json.dumps(envelope(message_id="m") | {"message": json.dumps(odd)}).encode(), (0, 0), "nordlicht"
    )
    assert found is not None and found.event == ""
