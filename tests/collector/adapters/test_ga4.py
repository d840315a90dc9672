"""GA4's events, by the Measurement Protocol and by gtag.js."""

import json
from decimal import Decimal

import pytest

from collector.adapters import ga4, gtag
from collector.adapters.mapped import Call
from collector.splitting import Reject
from collector.translating import translated
from contracts.errors import ErrorCode
from tests.collector.other_requests import GA4_CART, GA4_PURCHASE, GTAG_PURCHASE, gtag_body, gtag_query

LIST_OF_MANY = b'{"name":"view_item","params":{"items":[' + b",".join([b"{}"] * 900) + b"]}}"
PURCHASE = GA4_PURCHASE["events"][0]


def by_protocol(body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ga4.read(Call("", content))


def by_gtag(query, body=b""):
    return gtag.read(Call(query, body))


def only(parts):
    (mapped,) = parts.messages
    return mapped.message


def test_a_purchase_is_an_order():
    message = only(by_protocol(GA4_PURCHASE))
    assert message["event"] == "purchase" and message["type"] == "track"
    assert (message["anonymousId"], message["userId"]) == ("1766592093.1700000000", "u-7")
    assert message["timestamp"] == 1795620768123
    properties = message["properties"]
    assert (properties["order_id"], properties["revenue"], properties["coupon"]) == (
        "T_12345",
        Decimal("30.03"),
        "SUMMER_FUN",
    )
    assert properties["products"] == [
        {
            "product_id": "SKU_12345",
            "name": "Stan and Friends Tee",
            "brand": "Google",
            "category": "Apparel",
            "variant": "green",
            "price": Decimal("10.01"),
            "quantity": 3,
            "coupon": "SUMMER_FUN",
            "index": 0,
            # a price in GA4 is what is left after this
            "unit_discount": Decimal("2.22"),
            "affiliation": "Store",
        }
    ]
    assert "user_properties" not in json.dumps(message, default=str)


def test_a_cart_counts_each_product():
    parts = by_protocol(GA4_CART)
    assert [mapped.place for mapped in parts.messages] == [0, 1, 1, 2]
    page, first, second, refund = [mapped.message for mapped in parts.messages]
    assert (page["type"], page["name"], page["properties"]["url"]) == ("page", "Tee", "https://shop.example/tee")
    assert [one["properties"]["product_id"] for one in (first, second)] == ["p-1", "p-2"]
    assert second["properties"]["quantity"] == 2 and "products" not in second["properties"]
    assert (refund["properties"]["order_id"], refund["properties"]["revenue"]) == ("T_12345", Decimal("10.01"))


def test_digits_stay_as_they_were_sent():
    body = json.dumps({"client_id": "c", "events": [PURCHASE]}).replace("30.03", "30.030").encode()
    (member,) = translated(by_protocol(body)).members
    assert '"revenue":30.030' in member.text


def test_what_is_sent_again_is_a_copy_and_the_same_event_twice_is_not():
    twice = GA4_PURCHASE | {"events": [PURCHASE, PURCHASE]}
    ids = [mapped.message["messageId"] for mapped in by_protocol(twice).messages]
    again = [mapped.message["messageId"] for mapped in by_protocol(twice).messages]
    assert ids == again and len(set(ids)) == 2
    assert "messageId" not in only(by_protocol({"client_id": "c", "events": [PURCHASE]})), (
        "without a time nobody can say"
    )


def test_the_bytes_of_one_event_are_a_request_that_gives_its_messages_again():
    for mapped in by_protocol(GA4_CART).messages[1:3]:
        again = by_protocol(mapped.raw)
        assert [one.message for one in again.messages] == [
            one.message for one in by_protocol(GA4_CART).messages if one.place == 1
        ]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"{", ErrorCode.BAD_JSON, None),
        (b"[]", ErrorCode.NOT_AN_OBJECT, None),
        (b"{}", ErrorCode.NO_BATCH, "events"),
        (b'{"events":3}', ErrorCode.NO_BATCH, "events"),
        (b'{"events":[' + b",".join([b"{}"] * 2_501) + b"]}", ErrorCode.TOO_LARGE, "events"),
        (
            b'{"events":[' + b",".join([LIST_OF_MANY] * 4) + b"]}",
            ErrorCode.TOO_LARGE,
            "events",
        ),
        (
            b'{"client_id":"' + b"x" * 30_000 + b'","events":[' + b",".join([b"{}"] * 200) + b"]}",
            ErrorCode.TOO_LARGE,
            "events",
        ),
    ],
    ids=["no JSON", "a list", "no events", "events are none", "too many", "too many products", "too much for each"],
)
def test_a_body_that_cannot_be_split(body, code, field):
    assert by_protocol(body) == Reject(code, field)


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (b"3", ErrorCode.NOT_AN_OBJECT, None),
        (b"{}", ErrorCode.NO_EVENT_NAME, "name"),
        (b'{"name":" "}', ErrorCode.NO_EVENT_NAME, "name"),
        (b'{"name":"x","params":{"a":"\xff"}}', ErrorCode.BAD_UTF8, None),
        (b'{"name":"' + b"x" * 33_000 + b'"}', ErrorCode.TOO_LARGE, None),
        (b'{"name":' + b"[" * 2_000 + b"]" * 2_000 + b"}", ErrorCode.BAD_JSON, None),
    ],
    ids=["a number", "no name", "a blank name", "no UTF-8", "large", "deep"],
)
def test_a_bad_event_does_not_hold_up_the_others(event, code, field):
    parts = by_protocol(b'{"client_id":"c","events":[' + event + b',{"name":"search","params":{"search_term":"tee"}}]}')
    bad, good = parts.messages
    assert bad.reject == Reject(code, field) and event in bad.raw
    assert good.message["properties"] == {"query": "tee"}


@pytest.mark.parametrize(
    "params", [3, [], {"items": 3}, {"items": [3, None]}, {"items": {"a": 1}}, {"value": {"a": []}}]
)
def test_odd_parameters_raise_nothing(params):
    found = translated(by_protocol({"client_id": {}, "events": [{"name": "add_to_cart", "params": params}]}))
    assert [member.reject for member in found.members] == [None]


def test_a_product_too_many_stays_in_its_list():
    items = [{"a": 1}] * 2_001
    (mapped,) = by_protocol({"client_id": "c", "events": [{"name": "view_item", "params": {"items": items}}]}).messages
    assert len(mapped.message["properties"]["products"]) == 2_001


def test_gtag_sends_lines():
    parts = by_gtag(gtag_query(), gtag_body())
    page, scroll, order = [mapped.message for mapped in parts.messages]
    assert (page["type"], page["name"], page["properties"]["url"].partition("?")[0]) == (
        "page",
        "Thank you",
        "https://shop.example/thanks",
    )
    assert (scroll["event"], scroll["properties"]["percent_scrolled"]) == ("scroll", "90")
    assert order["event"] == "purchase" and order["anonymousId"] == "1766592093.1700000000"
    properties = order["properties"]
    assert (properties["order_id"], properties["revenue"], properties["currency"]) == ("T_1", "30", "EUR")
    first, second = properties["products"]
    assert (first["product_id"], first["name"], first["price"], first["quantity"]) == (
        "SKU_1",
        "Tee, grün",
        "12.5",
        "2",
    )
    assert (first["size"], second["product_id"]) == ("XL", "SKU_2")
    assert order["context"]["library"] == {"name": "gtag.js"} and order["context"]["screen"]["width"] == 1920


def test_lines_that_become_too_many_messages_are_refused_while_they_are_read(monkeypatch):
    made = []
    monkeypatch.setattr(gtag, "messages_of", lambda *_: made.append(1) or [{}] * 500)
    assert by_gtag(gtag_query(), b"\n".join([b"en=view_item"] * 100)) == Reject(ErrorCode.TOO_LARGE, "body")
    assert len(made) == 6


def test_gtag_may_send_one_event_in_the_address():
    message = only(by_gtag(gtag_query(**GTAG_PURCHASE)))
    assert message["properties"]["order_id"] == "T_1"
    assert message["context"]["page"]["referrer"] == "https://shop.example/checkout"


def test_without_consent_there_is_no_visitor():
    message = only(by_gtag(gtag_query(en="page_view", gcs="G100")))
    assert "anonymousId" not in message and message["context"]["cookieless"] is True


def test_the_key_is_not_kept_with_the_bytes():
    (mapped,) = by_gtag(gtag_query(en="page_view") + "&writeKey=wk1.p.secret").messages
    assert b"wk1" not in mapped.raw and b"en=page_view" in mapped.raw


def test_a_line_without_a_name_is_rejected():
    (mapped,) = by_gtag(gtag_query(), b"_et=5").messages
    assert mapped.reject == Reject(ErrorCode.NO_EVENT_NAME, "en")


def test_more_parameters_than_anyone_sends():
    assert by_gtag("&".join(f"a{number}=1" for number in range(1_500))) == Reject(ErrorCode.TOO_LARGE, None)
