"""Verdicts: every code that the job can find, its field, and which of two comes first."""

from datetime import timedelta

import pytest

from contracts.errors import ErrorCode
from tests.spark_jobs.samples import RECEIVED, envelope, message, order, track

LONG = "x" * 513


def ago(**distance):
    return (RECEIVED - timedelta(**distance)).isoformat()


def lines(*products):
    return order(products=list(products))


def line(**fields):
    return {"product_id": "tea", "price": "1"} | fields


CASES = {
    # name -> (value, code, field)
    "no envelope": (b"tea", "bad_envelope", None),
    "no message": (envelope(message=None), "bad_envelope", "message"),
    "another's shop": (envelope(merchant="nobody"), "unknown_merchant", None),
    "found by the collector": (envelope(reject={"code": "too_large", "field": None}), "too_large", None),
    "found by nobody": (envelope(reject={"code": "$nothing", "field": "x"}), "bad_envelope", "reject"),
    "text": (envelope("tea"), "not_an_object", None),
    "a list": (envelope('["tea"]'), "not_an_object", None),
    "a message in a list": (envelope('[{"type":"page"}]'), "not_an_object", None),
    "null": (envelope("null"), "not_an_object", None),
    "half a message": (envelope('{"type":"page",'), "bad_json", None),
    "nested too deep": (envelope('{"type":"page","a":' + "[" * 2000 + "]" * 2000 + "}"), "bad_json", None),
    "a type of another": (envelope(message(type="purchase")), "unknown_type", "type"),
    "a type in capitals": (envelope(message(type="Track")), "unknown_type", "type"),
    "no type and a door for all": (envelope(message(type=None)), "unknown_type", "type"),
    "an empty object": (envelope("{}"), "unknown_type", "type"),
    "no name": (envelope(message(type="track")), "no_event_name", "event"),
    "an empty name": (envelope(track("")), "no_event_name", "event"),
    "a name of blanks": (envelope(track(" \t\u3000")), "no_event_name", "event"),
    "a long message id": (envelope(message(messageId=LONG)), "bad_id", "messageId"),
    "a long visitor": (envelope(message(anonymousId=LONG)), "bad_id", "anonymousId"),
    "a long user": (envelope(message(userId=LONG)), "bad_id", "userId"),
    "a long order id": (envelope(order(order_id=LONG)), "bad_id", "properties.order_id"),
    "ids of 512": (envelope(message(messageId=LONG[1:], userId=LONG[1:])), None, None),
    "properties as text": (envelope(message(properties="tea")), "bad_properties", "properties"),
    "properties as a list": (envelope(track("x", properties=[1])), "bad_properties", "properties"),
    "properties as a number": (envelope(track("x", properties=0)), "bad_properties", "properties"),
    "no time": (envelope(message(timestamp="soon")), "bad_time", "timestamp"),
    "no original time": (envelope(message(originalTimestamp="soon")), "bad_time", "originalTimestamp"),
    "a time before 1970": (envelope(message(timestamp="1969-12-31")), "bad_time", "timestamp"),
    "8 days old by a page key": (envelope(message(timestamp=ago(days=8)), key_kind="page"), "too_old", "timestamp"),
    "7 days old by a page key": (envelope(message(timestamp=ago(days=7)), key_kind="page", sent_at=None), None, None),
    "10 years old by a server key": (envelope(message(timestamp=ago(days=3650)), sent_at=None), None, None),
    "31 days old, kept 30": (
        envelope(message(originalTimestamp=ago(days=31)), merchant="brief"),
        "too_old",
        "originalTimestamp",
    ),
    "29 days old, kept 30": (envelope(message(timestamp=ago(days=29)), merchant="brief"), None, None),
    "29 days old by a page key": (
        envelope(message(timestamp=ago(days=29)), merchant="brief", key_kind="page"),
        "too_old",
        "timestamp",
    ),
    "corrected to before 1970": (
        envelope(message(timestamp="1970-01-02"), sent_at="9000-01-01"),
        "too_old",
        "timestamp",
    ),
    # orders
    "an order by a page key": (envelope(order(), key_kind="page"), None, None),
    "an update by a page key": (envelope(order("Order Updated"), key_kind="page"), "needs_server_key", "event"),
    "a refund by a page key": (envelope(order("refund"), key_kind="page"), "needs_server_key", "event"),
    "a cancellation by a page key": (envelope(order("Order Canceled"), key_kind="page"), "needs_server_key", "event"),
    "a refund by a page key that may": (envelope(order("refund"), key_kind="page", merchant="open"), None, None),
    "a key of no kind": (envelope(order("refund"), key_kind="strange"), "needs_server_key", "event"),
    **{
        f"a {name} of order {order_id!r}": (
            envelope(order(name, order_id=order_id)),
            "no_order_id",
            "properties.order_id",
        )
        for name in ("Order Updated", "Order Refunded", "Order Cancelled")
        for order_id in (None, " ", "NULL", "undefined", 0)
    },
    "a Completed without an id": (envelope(order(order_id="null")), None, None),
    "products as text": (envelope(order(products="tea")), "bad_products", "properties.products"),
    "products as an object": (envelope(order(products=line())), "bad_products", "properties.products"),
    "a product as text": (envelope(lines(line(), "tea")), "bad_products", "properties.products"),
    "a hole in the products": (envelope(lines(line(), None)), "bad_products", "properties.products"),
    "no products": (envelope(order(products=[])), None, None),
    "null products": (envelope('{"type":"track","event":"purchase","properties":{"products":null}}'), None, None),
    "a currency of nobody": (envelope(order(currency="XXQ")), "bad_currency", "properties.currency"),
    "a currency as a number": (envelope(order(currency=12)), "bad_currency", "properties.currency"),
    **{
        f"{name} that is no number": (envelope(order(**{name: "twelve"})), "bad_amount", f"properties.{name}")
        for name in ("total", "revenue", "subtotal", "tax", "shipping", "discount")
    },
    "a bare NaN": (
        envelope('{"type":"track","event":"purchase","properties":{"tax":NaN}}'),
        "bad_amount",
        "properties.tax",
    ),
    "an amount as an object": (envelope(order(total={"value": 1})), "bad_amount", "properties.total"),
    "an amount as a boolean": (envelope(order(total=True)), "bad_amount", "properties.total"),
    "an amount below zero": (envelope(order(revenue=-1)), "negative_amount", "properties.revenue"),
    "an update below zero": (envelope(order("Order Updated", tax="-0.01")), "negative_amount", "properties.tax"),
    "a discount below zero": (envelope(order(discount=-1)), None, None),
    "a refund below zero": (envelope(order("Order Refunded", revenue=-1)), None, None),
    "an amount without end": (envelope(order(revenue=10**14)), "amount_too_large", "properties.revenue"),
    "a price that is no number": (
        envelope(lines(line(), line(price="x"))),
        "bad_amount",
        "properties.products[1].price",
    ),
    "a price below zero": (envelope(lines(line(price=-1))), "negative_amount", "properties.products[0].price"),
    "a price without end": (envelope(lines(line(price="1e40"))), "amount_too_large", "properties.products[0].price"),
    "a line without end": (
        envelope(lines(line(price="1e12", quantity=1000))),
        "amount_too_large",
        "properties.products[0].price",
    ),
    "lines without end": (
        envelope(lines(line(price=6 * 10**12), line(price=6 * 10**12))),
        "amount_too_large",
        "properties.products",
    ),
    "lines up to the end": (envelope(lines(line(price=6 * 10**12), line(price=4 * 10**12))), None, None),
    "a quantity that is no number": (
        envelope(lines(line(quantity="few"))),
        "bad_quantity",
        "properties.products[0].quantity",
    ),
    "a quantity without end": (envelope(lines(line(quantity=1e9))), "bad_quantity", "properties.products[0].quantity"),
    "a quantity below zero": (
        envelope(lines(line(quantity=-1))),
        "negative_amount",
        "properties.products[0].quantity",
    ),
    "a refunded quantity below zero": (
        envelope(order("Order Refunded", products=[line(quantity=-1, price=-1)])),
        None,
        None,
    ),
    "a line's discount that is no number": (
        envelope(lines(line(discount="10%"))),
        "bad_amount",
        "properties.products[0].discount",
    ),
    "the only product's price": (
        envelope(order(products=None, product_id="tea", price="x")),
        "bad_amount",
        "properties.price",
    ),
    "a free order": (envelope(order(revenue=0, products=[line(price=0)])), None, None),
    # products
    "an added quantity that is no number": (
        envelope(track("Product Added", properties={"product_id": "tea", "quantity": "few"})),
        "bad_quantity",
        "properties.quantity",
    ),
    "a removed quantity below zero": (
        envelope(track("Product Removed", properties={"product_id": "tea", "quantity": -1})),
        "bad_quantity",
        "properties.quantity",
    ),
    "a viewed quantity that is no number": (
        envelope(track("Product Viewed", properties={"product_id": "tea", "quantity": "few"})),
        None,
        None,
    ),
    "an added product without anything": (envelope(track("Product Added")), None, None),
    # of two rules the first
    "unknown shop before the collector's": (
        envelope(merchant="nobody", reject={"code": "too_large", "field": None}),
        "unknown_merchant",
        None,
    ),
    "the collector's before ours": (
        envelope("tea", reject={"code": "bad_json", "field": "x"}),
        "bad_json",
        "x",
    ),
    "type before time": (envelope(message(type="tea", timestamp="soon")), "unknown_type", "type"),
    "id before properties": (envelope(message(userId=LONG, properties=1)), "bad_id", "userId"),
    "properties before time": (envelope(message(properties=1, timestamp="soon")), "bad_properties", "properties"),
    "time before order": (envelope(order(revenue="x") | {"timestamp": "soon"}), "bad_time", "timestamp"),
    "age before key": (
        envelope(order("refund") | {"timestamp": ago(days=9)}, key_kind="page", sent_at=None),
        "too_old",
        "timestamp",
    ),
    "key before id": (envelope(order("refund", order_id=None), key_kind="page"), "needs_server_key", "event"),
    "products before currency": (envelope(order(products=1, currency="x")), "bad_products", "properties.products"),
    "currency before amount": (envelope(order(currency="x", revenue="x")), "bad_currency", "properties.currency"),
    "amount before line": (
        envelope(order(revenue="x", products=[line(price="x")])),
        "bad_amount",
        "properties.revenue",
    ),
}
VALUES = {name: value for name, (value, _, _) in CASES.items()}
NOT_FOUND_HERE = {
    ErrorCode.BAD_UTF8,  # the collector finds these
    ErrorCode.NO_BATCH,
    ErrorCode.TOO_MANY_ORDER_EVENTS,  # tests/spark_jobs/test_orders.py
    ErrorCode.BATCH_FAILED,
}


@pytest.mark.parametrize("name", CASES)
def test_verdict(rows, name):
    row, (value, code, field) = rows[name], CASES[name]
    assert (row["outcome"], row["code"], row["field"]) == ("rejected" if code else "accepted", code, field)
    assert row["envelope"] == (value if code else None)


def test_every_code_has_a_case():
    assert {code for _, code, _ in CASES.values() if code} | NOT_FOUND_HERE >= set(ErrorCode)


def test_a_rejected_row_keeps_its_ids_and_times_and_is_used_for_nothing(rows):
    row = rows["an amount below zero"]
    assert (row["message_id"], row["anonymous_id"], row["event"]) == ("m-1", "v-1", "Order Completed")
    assert row["event_time"] == row["client_time"] is not None
    assert (row["order"], row["product"], row["quantity_milli"]) == (None, None, None)


def test_a_rejected_row_without_a_time_has_that_of_its_receipt(rows):
    assert rows["no time"]["event_time"] == RECEIVED
