"""Messages of a batch, each between good ones. Where no time is named, none is sent: it happened when it was received."""

import json
from typing import Any

from contracts.keys import KeyKind
from tests.bad_inputs.rows import COUNTED, KEPT_BYTES, BadInput, Door, Fate, inbox


def _row(name: str, sent: bytes, fate: Fate, kind: KeyKind = KeyKind.SERVER) -> BadInput:
    return BadInput(name, Door.MEMBER, sent, fate, kind)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _page(**fields: Any) -> bytes:
    return _json({"type": "page", "anonymousId": "v"} | fields)


def _track(event: Any, **properties: Any) -> bytes:
    return _json({"type": "track", "anonymousId": "v", "event": event, "properties": properties})


def _order(**properties: Any) -> bytes:
    return _track("Order Completed", **({"order_id": "1"} | properties))


def _lines(*lines: Any) -> bytes:
    return _order(products=list(lines))


LONG = "x" * 513
DEEP = b"[" * 900 + b"]" * 900
DEEPER = b"[" * 3_000 + b"]" * 3_000

NO_OBJECTS = [
    _row(f"{name} instead of a message", sent, inbox("not_an_object"))
    for name, sent in {
        "a number": b"42",
        "a text": b'"page"',
        "null": b"null",
        "true": b"true",
        "a list": b'[{"type":"page"}]',
    }.items()
]
SHAPES = [
    _row("an empty message", b"{}", inbox("unknown_type")),
    _row("a type that is null", _page(type=None), inbox("unknown_type")),
    _row("a type that is a number", _page(type=7), inbox("unknown_type")),
    _row("a type that is a list", _page(type=["page"]), inbox("unknown_type")),
    _row("a type in capitals", _page(type="Page"), inbox("unknown_type")),
    _row("two types", b'{"type":"purchase","type":"page"}', COUNTED),
    _row("a track message without a name", _page(type="track"), inbox("no_event_name")),
    _row("a name of blanks", _track(" \t"), inbox("no_event_name")),
    _row("a name that is a number", _track(404), COUNTED),
    _row("a name that is an object", _track({"$gt": ""}), COUNTED),
    _row("a name with $ and .", _track("$order.placed."), COUNTED),
    _row("a name with a zero character", b'{"type":"track","event":"order\\u0000placed"}', COUNTED),
    _row("a name of 30,000 letters", _track("order " * 5_000), COUNTED),
    _row("half an emoji in a name", b'{"type":"track","event":"order \\ud83d"}', COUNTED),
    _row("properties that are a text", _page(properties="none"), inbox("bad_properties")),
    _row("properties that are a list", _page(properties=[1]), inbox("bad_properties")),
    _row("properties that are null", _page(properties=None), COUNTED),
    _row("properties twice", b'{"type":"page","properties":[],"properties":{"a":1}}', COUNTED),
    _row("keys with $ and .", _page(properties={"$set": {"a.b": 1}, "": 0, "__proto__": 1}), COUNTED),
    _row("a key with a zero character", b'{"type":"page","properties":{"a\\u0000b":1}}', COUNTED),
    _row("2,000 keys", _page(properties={f"k{number}": number for number in range(2_000)}), COUNTED),
    _row("a context that is a list", _page(context=[1]), COUNTED),
    _row("a browser's name that is an object", _page(context={"userAgent": {"a": 1}}), COUNTED),
    _row("lists in lists, 3,000 deep", b'{"type":"page","a":' + DEEPER + b"}", inbox("bad_json")),
    _row("a number of 2,000 digits", b'{"type":"page","n":' + b"9" * 2_000 + b"}", inbox("bad_json")),
    _row("a message of 33 KB", (wide := _page(x="x" * 33_000)), inbox("too_large", kept=wide[:KEPT_BYTES])),
]
TEXTS = [
    _row("bytes that are no UTF-8", b'{"type":"page","name":"caf\xe9"}', inbox("bad_utf8")),
    _row("an overlong zero byte", b'{"type":"page","name":"\xc0\x80"}', inbox("bad_utf8")),
    _row("half an emoji in UTF-8", b'{"type":"page","name":"\xed\xa0\xbd"}', inbox("bad_utf8")),
    _row("half an emoji, escaped", b'{"type":"page","anonymousId":"\\ude00\\ud83d"}', COUNTED),
    _row("a zero character", b'{"type":"page","anonymousId":"a\\u0000b"}', COUNTED),
]
IDS = [
    _row("an empty message id", _page(messageId=""), COUNTED),
    _row("a message id that is an object", _page(messageId={"$ne": None}), COUNTED),
    _row("a message id of 513 letters", _page(messageId=LONG), inbox("bad_id")),
    _row("an empty visitor", _page(anonymousId=""), COUNTED),
    _row("a visitor that is a list", _page(anonymousId=["v", 1]), COUNTED),
    _row("a visitor of 20,000 letters", _page(anonymousId="v" * 20_000), inbox("bad_id")),
    _row("a user of 513 letters", _page(userId=LONG), inbox("bad_id")),
]
TIMES = [
    _row(f"a time that is {name}", _page(timestamp=time), inbox("bad_time"))
    for name, time in {
        "a word": "yesterday",
        "30 February": "2026-02-30T12:00:00Z",
        "in month 13": "2026-13-01T12:00:00Z",
        "in the year 275760": "+275760-09-13T00:00:00Z",
        "in the year 1": "0001-01-01T00:00:00Z",
        "a second before 1970": "1969-12-31T23:59:59Z",
        "a negative number": -1,
        "a number without end": 10**300,
        "true": True,
        "an object": {"$date": 0},
    }.items()
]
TIMES += [
    _row("the first instant of 1970", _page(timestamp="1970-01-01T00:00:00Z"), COUNTED),
    _row("a time in the year 9999", _page(timestamp="9999-12-30T23:59:59Z"), COUNTED),
    _row("an empty time", _page(timestamp=""), COUNTED),
    _row("years old, from a page key", _page(timestamp="2020-01-01T00:00:00Z"), inbox("too_old"), KeyKind.PAGE),
]
AMOUNTS = [
    _row(f"an amount that is {name}", _order(revenue=amount), inbox(code))
    for name, amount, code in (
        ("a word", "a lot", "bad_amount"),
        ("NaN as a text", "NaN", "bad_amount"),
        ("Infinity as a text", "-Infinity", "bad_amount"),
        ("written with a sign", "$12.50", "bad_amount"),
        ("written with a comma", "12,50", "bad_amount"),
        ("written in wide digits", "１２", "bad_amount"),
        ("hexadecimal", "0x10", "bad_amount"),
        ("true", True, "bad_amount"),
        ("an object", {"$gt": 0}, "bad_amount"),
        ("a list", [12], "bad_amount"),
        ("a fraction beyond all bounds", "1e-999999999", "bad_amount"),
        ("negative", -5, "negative_amount"),
        ("the largest float", 1.7976931348623157e308, "amount_too_large"),
        ("one cent above the limit", "10000000000000.01", "amount_too_large"),
    )
]
AMOUNTS += [
    _row("an amount that is the limit", _order(revenue="10000000000000"), COUNTED),
    _row("an amount that is blank", _order(revenue=" "), COUNTED),
    _row("an amount of 19 places", _order(revenue="12.3456789012345678901"), COUNTED),
    _row("an amount that is minus zero", _order(revenue="-0"), COUNTED),
    _row("a price below zero", _lines({"product_id": "a", "price": -1}), inbox("negative_amount")),
    _row(
        "lines that add up above the limit",
        _lines(*[{"product_id": "a", "price": "9000000000000"}] * 2),
        inbox("amount_too_large"),
    ),
    _row(
        "discounts that add up above the limit",
        _lines(*[{"product_id": "a", "price": "6000000000000", "discount": "6000000000000"}] * 2),
        inbox("amount_too_large"),
    ),
]
ORDERS = [
    _row("a quantity that is a word", _lines({"product_id": "a", "quantity": "few"}), inbox("bad_quantity")),
    _row("a quantity of a billion", _lines({"product_id": "a", "quantity": 10**9}), inbox("bad_quantity")),
    _row("a quantity below zero", _lines({"product_id": "a", "quantity": -1}), inbox("negative_amount")),
    _row("minus one added to a cart", _track("Product Added", product_id="a", quantity=-1), inbox("bad_quantity")),
    _row("products that are a text", _order(products="two mugs"), inbox("bad_products")),
    _row("products that are an object", _order(products={"0": {}}), inbox("bad_products")),
    _row("products that are numbers", _lines(1, 2), inbox("bad_products")),
    _row("products with a hole", _lines({"product_id": "a"}, None), inbox("bad_products")),
    _row("no products in the list", _lines(), COUNTED),
    _row("a product of 20,000 letters", _track("Product Viewed", product_id="p" * 20_000), COUNTED),
    _row(
        "a product with a zero character",
        b'{"type":"track","event":"Product Viewed","properties":{"product_id":"\\u0000"}}',
        COUNTED,
    ),
    _row("an unknown currency", _order(currency="XXQ"), inbox("bad_currency")),
    _row("a currency in words", _order(currency="Euro"), inbox("bad_currency")),
    _row("a currency that is a number", _order(currency=978), inbox("bad_currency")),
    _row("a currency that is an emoji", _order(currency="💶"), inbox("bad_currency")),
    _row("an empty currency", _order(currency=""), COUNTED),
    _row("a refund without an order", _track("Order Refunded", revenue=1), inbox("no_order_id")),
    _row("an order id of 513 letters", _order(order_id=LONG), inbox("bad_id")),
    _row("an order id that is an object", _order(order_id={"$ne": None}), COUNTED),
    _row("an order id with /, $ and .", _order(order_id="../$where/o"), COUNTED),
    _row(
        "an order id with a zero character",
        b'{"type":"track","event":"Order Completed","properties":{"order_id":"a\\u0000"}}',
        COUNTED,
    ),
    _row("a refund from a page key", _track("Order Refunded", order_id="1"), inbox("needs_server_key"), KeyKind.PAGE),
]
MEMBERS = [*NO_OBJECTS, *SHAPES, *TEXTS, *IDS, *TIMES, *AMOUNTS, *ORDERS]
