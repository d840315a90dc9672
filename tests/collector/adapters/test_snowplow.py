"""Snowplow's events."""

import json

import pytest

from collector.adapters import snowplow
from collector.adapters.mapped import Call
from collector.splitting import Reject
from collector.translating import translated
from contracts.errors import ErrorCode
from tests.collector.other_requests import SNOWPLOW_EVENTS, SNOWPLOW_TEE, action, snowplow_body

PAGE, STRUCTURED, ADDED, SALE, CUSTOM, LEGACY, PING = SNOWPLOW_EVENTS


def message_of(event):
    (mapped,) = snowplow.read(Call("", snowplow_body("wk1.p.k", [event]))).messages
    return mapped.message


def test_who_when_and_where():
    message = message_of(PAGE)
    assert message["type"] == "page" and message["messageId"] == PAGE["eid"]
    assert (message["anonymousId"], message["userId"]) == ("8c9104e3-c300-4b20-82f2-93b7fa0b8feb", "u-7")
    assert (message["timestamp"], message["sentAt"]) == (1795620768123, 1795620768200)
    assert message["properties"]["url"] == "https://shop.example/tee"
    assert (
        message["context"]["timezone"] == "Europe/Berlin"
        and message["context"]["library"]["name"] == "snowplow-javascript-tracker"
    )


def test_a_structured_event_is_named_by_its_action():
    message = message_of(STRUCTURED)
    assert (message["event"], message["properties"]) == ("play", {"category": "video", "label": "teaser", "value": "3"})


def test_commerce():
    added, sale = message_of(ADDED), message_of(SALE)
    assert added["event"] == "Product Added"
    assert (added["properties"]["product_id"], added["properties"]["quantity"]) == ("p-1", 2)
    assert sale["event"] == "Order Completed"
    properties = sale["properties"]
    assert (properties["order_id"], float(properties["total"]), properties["coupon"]) == ("T-9", 33.5, "MAY")
    assert properties["products"][0]["product_id"] == "p-1"


@pytest.mark.parametrize("odd", [{"code": "EUR"}, ["EUR"], 978, None, True])
def test_a_currency_that_is_no_text_is_none_of_the_event(odd):
    tee = SNOWPLOW_TEE | {"data": SNOWPLOW_TEE["data"] | {"currency": odd}}
    only, both = message_of(action("list_view", tee)), message_of(action("list_view", tee, SNOWPLOW_TEE))
    assert "currency" not in only["properties"] and "currency" not in both["properties"]
    assert message_of(action("list_view", SNOWPLOW_TEE))["properties"]["currency"] == "EUR"


def test_the_older_form_of_an_order():
    message = message_of(LEGACY)
    assert message["event"] == "Order Completed"
    assert message["properties"] == {
        "order_id": "T-8",
        "total": "20.00",
        "tax": "3.19",
        "shipping": "0",
        "currency": "EUR",
    }


def test_other_events_keep_their_names():
    assert (message_of(CUSTOM)["event"], message_of(CUSTOM)["properties"]) == ("size_guide_opened", {"size": "L"})
    assert message_of(PING)["event"] == "Page Ping"


def test_the_app_may_be_named_by_its_key():
    assert snowplow.read(Call("", snowplow_body("wk1.p.k"))).key == "wk1.p.k"
    assert snowplow.read(Call("", snowplow_body("my-shop"))).key is None


def test_the_bytes_of_one_event_are_a_request():
    whole = snowplow.read(Call("", snowplow_body("wk1.p.k"))).messages
    for mapped in whole:
        (again,) = snowplow.read(Call("", mapped.raw)).messages
        assert again.message == mapped.message


def test_half_a_character_holds_up_nothing():
    body = snowplow_body("wk1.p.k", [PAGE | {"page": "Caf\ud83d"}, STRUCTURED])
    first, second = translated(snowplow.read(Call("", body))).members
    assert json.loads(first.text)["name"] == "Caf\ud83d" and second.reject is None


@pytest.mark.parametrize(
    "event",
    [
        {"e": "ue", "ue_px": "!!!", "cx": "%%%"},
        {"e": "ue", "ue_pr": "[" * 3_000},
        {"e": "ue", "ue_pr": 3},
        {"e": "ue", "ue_pr": '{"data":{"schema":3,"data":4}}'},
        {"e": ["x"]},
        {},
    ],
    ids=["no base64", "deep", "a number", "no schema", "a list", "nothing"],
)
def test_what_cannot_be_read_has_no_name(event):
    (mapped,) = snowplow.read(Call("", json.dumps({"data": [event]}).encode())).messages
    assert mapped.reject == Reject(ErrorCode.NO_EVENT_NAME, "e")
