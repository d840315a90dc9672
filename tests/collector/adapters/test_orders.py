"""Orders from Shopify's and WooCommerce's webhooks."""

import copy
import json
from decimal import Decimal

import pytest

from collector.adapters import shopify, woocommerce
from collector.adapters.mapped import Call
from collector.splitting import Reject
from collector.translating import translated
from contracts.errors import ErrorCode
from contracts.events import Event
from tests.collector.other_requests import SHOPIFY_ORDER, SHOPIFY_REFUND, WOO_ORDER


def from_shopify(topic, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return shopify.read(Call("", content, {"x-shopify-topic": topic}.get))


def from_woo(body, topic="order.updated"):
    parts = woocommerce.read(Call("", json.dumps(body).encode(), {"x-wc-webhook-topic": topic}.get))
    return [mapped.message for mapped in parts.messages]


def only(parts):
    (mapped,) = parts.messages
    return mapped.message


def goods_of(properties):
    return Decimal(str(properties["total"])) - Decimal(str(properties["tax"])) - Decimal(str(properties["shipping"]))


def goods_of_lines(properties):
    lines = properties["products"]
    return sum(Decimal(str(line["price"])) * line["quantity"] - Decimal(str(line.get("discount", 0))) for line in lines)


def test_an_order_of_shopify():
    message = only(from_shopify("orders/create", SHOPIFY_ORDER))
    properties = message["properties"]
    assert (message["event"], message["timestamp"], message["userId"]) == (
        *("Order Completed", "2026-11-24T15:00:00+01:00"),
        "115310627314723954",
    )
    assert (properties["order_id"], properties["currency"], properties["coupon"]) == (
        "820982911946154508",
        "EUR",
        "MAY",
    )
    assert goods_of(properties) == goods_of_lines(properties) == 50
    (line,) = properties["products"]
    assert (line["product_id"], line["sku"], line["variant"], line["brand"]) == (
        "788032119674292922",
        "TEE-1",
        "L",
        "Acme",
    )


def test_prices_with_tax_in_them_count_without_it():
    order = copy.deepcopy(SHOPIFY_ORDER) | {"taxes_included": True, "total_price": "55.00", "total_tax": "8.78"}
    order["line_items"][0] |= {"price": "27.50", "tax_lines": [{"price": "7.98"}]}
    order["shipping_lines"] = [{"price": "5.00", "tax_lines": [{"price": "0.80"}]}]
    properties = only(from_shopify("orders/create", order))["properties"]
    assert properties["shipping"] == Decimal("4.20")
    assert goods_of(properties) == Decimal("42.02")
    assert round(goods_of_lines(properties), 2) == Decimal("42.02")


SHIPPING = {"price": "4.45", "discounted_price": "4.45"}
CODE = {"discount_allocations": [{"amount": "4.45"}]}


def discounted(total, *shipping, **order):
    """Discount and shipping of an order whose lines have no discount of their own."""
    lines = [SHOPIFY_ORDER["line_items"][0] | {"discount_allocations": []}]
    body = SHOPIFY_ORDER | {"line_items": lines, "total_discounts": total, "shipping_lines": list(shipping), **order}
    properties = only(from_shopify("orders/create", body))["properties"]
    return properties.get("discount"), properties["shipping"]


@pytest.mark.parametrize(
    "line",
    [
        SHIPPING | {"discounted_price": "0.00"},
        SHIPPING | {"discounted_price": "0.00"} | CODE,
        SHIPPING | CODE,
        {"price": "4.45"} | CODE,
        {"price": "4.45", "discounted_price": None} | CODE,
    ],
    ids=["price", "both", "code only", "no discounted price", "a null"],
)
@pytest.mark.parametrize("taxes_included", [False, True])
def test_free_shipping_is_no_discount_on_goods(line, taxes_included):
    assert discounted("4.45", line, taxes_included=taxes_included) == (None, 0)
    assert discounted("9.45", line, taxes_included=taxes_included) == (5, 0)


def test_what_is_left_of_shipping_keeps_its_tax_out():
    half = {"price": "6.00", "discounted_price": "3.57", "tax_lines": [{"price": "0.57"}]}
    assert discounted("2.43", half, taxes_included=True) == (None, 3)
    assert discounted("5.43", half, SHIPPING, taxes_included=True) == (3, Decimal("7.45"))


def test_a_discount_of_the_order_stays():
    assert discounted("5.00", SHIPPING) == (5, Decimal("4.45"))
    assert discounted("0.00", SHIPPING) == (None, Decimal("4.45"))
    assert discounted("5,00", SHIPPING)[0] == "5,00", "to be rejected"


@pytest.mark.parametrize("odd", [None, 3, "x", [], [3], {"a": 1}, "1e999999999", "NaN", True])
@pytest.mark.parametrize("field", ["price", "discounted_price", "discount_allocations", "tax_lines"])
def test_odd_shipping_raises_nothing(field, odd):
    discounted("4.45", SHIPPING | CODE | {field: odd}, taxes_included=True)
    discounted(odd, SHIPPING | CODE)


def test_created_and_paid_are_one_order():
    created, paid = (only(from_shopify(topic, SHOPIFY_ORDER)) for topic in ("orders/create", "orders/paid"))
    assert created == paid


def test_updates_and_cancellations():
    updated = only(from_shopify("orders/updated", SHOPIFY_ORDER))
    assert (updated["event"], updated["timestamp"]) == ("Order Updated", "2026-11-24T15:00:01+01:00")
    cancelled = only(from_shopify("orders/cancelled", SHOPIFY_ORDER | {"cancelled_at": "2026-11-25T09:00:00+01:00"}))
    assert (cancelled["event"], cancelled["timestamp"]) == ("Order Cancelled", "2026-11-25T09:00:00+01:00")
    assert "products" not in cancelled["properties"]


def test_two_updates_in_one_second_are_two_and_a_repeated_delivery_is_a_copy():
    lines = [WOO_ORDER["line_items"][0] | {"quantity": 3}]
    stories = [
        (lambda body: only(from_shopify("orders/updated", body)), SHOPIFY_ORDER, {"total_price": "53.95"}),
        (lambda body: from_woo(body)[-1], WOO_ORDER, {"line_items": lines}),
    ]
    for update, order, change in stories:
        first, again, second = (update(body)["messageId"] for body in (order, order | {"note": "x"}, order | change))
        assert first == again != second


def test_the_message_of_a_placed_order_keeps_its_id():
    assert only(from_shopify("orders/paid", SHOPIFY_ORDER))["messageId"] == "shopify:order:820982911946154508"
    assert from_woo(WOO_ORDER)[0]["messageId"] == "woocommerce:order:727"


def test_a_refund_is_what_was_paid_back():
    message = only(from_shopify("refunds/create", SHOPIFY_REFUND))
    properties = message["properties"]
    assert (message["event"], properties["order_id"], properties["refund_id"]) == (
        *("Order Refunded", "820982911946154508"),
        "890088186047892319",
    )
    assert properties["total"] == Decimal("27.00") and properties["products"][0]["quantity"] == 1
    nothing_paid = only(from_shopify("refunds/create", SHOPIFY_REFUND | {"transactions": []}))
    assert nothing_paid["properties"]["total"] == "0", "without an amount all goods would count as refunded"


@pytest.mark.parametrize(
    ("statuses", "total"),
    [(["pending"], 27), (["success", "pending"], 54), (["failure", "pending"], 27), (["failure", "error"], "0")],
)
def test_a_refund_that_is_under_way_counts_since_it_is_told_once(statuses, total):
    transactions = [{"kind": "refund", "status": one, "amount": "27.00", "currency": "EUR"} for one in statuses]
    message = only(from_shopify("refunds/create", SHOPIFY_REFUND | {"transactions": transactions}))
    assert message["properties"]["total"] == total


def test_an_amount_that_is_none_stays_to_be_rejected():
    odd = {"kind": "refund", "status": "success", "amount": "27,00", "currency": "EUR"}
    refund = only(from_shopify("refunds/create", SHOPIFY_REFUND | {"transactions": [odd]}))
    assert refund["properties"]["total"] == "27,00", "left out, all goods would count as refunded"
    order = only(from_shopify("orders/create", SHOPIFY_ORDER | {"shipping_lines": [{"price": "free"}]}))
    assert order["properties"]["shipping"] == "free"


def test_a_test_order_is_no_sale():
    assert only(from_shopify("orders/create", SHOPIFY_ORDER | {"test": True}))["event"] == shopify.TEST_ORDER


@pytest.mark.parametrize("topic", ["products/update", "", "ORDERS/UNKNOWN"])
def test_other_topics_are_not_kept(topic):
    assert from_shopify(topic, SHOPIFY_ORDER).messages == []


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/cancelled", "refunds/create"])
def test_people_stay_out_of_messages(topic):
    body = SHOPIFY_REFUND if topic == "refunds/create" else SHOPIFY_ORDER
    text = json.dumps(only(from_shopify(topic, body)), default=str)
    assert not any(word in text for word in ("jon", "Jon", "Billing"))


def test_what_names_no_order_is_rejected():
    (mapped,) = from_shopify("refunds/create", {"id": 3}).messages
    assert mapped.reject == Reject(ErrorCode.NO_ORDER_ID, "order_id")
    assert from_shopify("orders/create", b"[]") == Reject(ErrorCode.NOT_AN_OBJECT, None)
    assert from_shopify("orders/create", b"{") == Reject(ErrorCode.BAD_JSON, None)


@pytest.mark.parametrize("odd", [None, 3, "x", [], [3], {"a": 1}, "1e999999999", "NaN", True])
@pytest.mark.parametrize("field", ["line_items", "shipping_lines", "customer", "total_price", "discount_codes", "id"])
def test_odd_orders_raise_nothing(field, odd):
    translated(from_shopify("orders/create", SHOPIFY_ORDER | {field: odd}))


@pytest.mark.parametrize("odd", [None, "x", [], {"a": 1}, "1e999999999", "NaN", 0, "-0", "1e20", True])
@pytest.mark.parametrize("field", ["price", "quantity", "tax_lines", "discount_allocations"])
def test_odd_lines_raise_nothing(field, odd):
    order = copy.deepcopy(SHOPIFY_ORDER) | {"taxes_included": True}
    order["line_items"][0][field] = odd
    translated(from_shopify("orders/create", order))
    line = {"quantity": odd, "subtotal": odd, "total": odd}
    from_woo(WOO_ORDER | {"line_items": [line], "refunds": [odd], "coupon_lines": odd})
    translated(from_shopify("refunds/create", SHOPIFY_REFUND | {"refund_line_items": [line], "transactions": [odd]}))


def test_an_order_of_woocommerce():
    completed, updated = from_woo(WOO_ORDER)
    assert (completed["event"], completed["timestamp"]) == ("Order Completed", "2026-11-24T14:00:00")
    assert (updated["event"], updated["timestamp"]) == ("Order Updated", "2026-11-24T14:05:00")
    properties = completed["properties"]
    assert (properties["order_id"], completed["userId"], properties["coupon"]) == ("727", "26", "may")
    assert goods_of(properties) == goods_of_lines(properties) == 45
    assert from_woo(WOO_ORDER, "order.created") == [completed], "the same message: a copy"


def test_guests_are_nobody():
    assert all("userId" not in message for message in from_woo(WOO_ORDER | {"customer_id": 0}))


def test_refunds_and_cancellations_of_woocommerce():
    refunded = WOO_ORDER | {"status": "refunded", "refunds": [{"id": 9, "reason": "", "total": "-10.00"}]}
    refund = from_woo(refunded)[-1]
    assert (refund["event"], refund["properties"]["refund_id"], refund["properties"]["total"]) == (
        "Order Refunded",
        "9",
        "-10.00",
    )


@pytest.mark.parametrize("paid", [{"date_paid": "2026-11-24T15:01:00"}, {"date_paid_gmt": "2026-11-24T14:01:00"}])
def test_a_paid_order_that_is_cancelled_was_placed(paid):
    placed, cancelled = from_woo(WOO_ORDER | {"status": "cancelled", **paid})
    assert (placed["event"], placed["messageId"]) == (Event.ORDER_COMPLETED, from_woo(WOO_ORDER)[0]["messageId"])
    assert (cancelled["event"], cancelled["timestamp"]) == (Event.ORDER_CANCELLED, "2026-11-24T14:05:00")


@pytest.mark.parametrize("paid", [{}, {"date_paid": None, "date_paid_gmt": None}, {"date_paid_gmt": ""}])
def test_an_order_that_is_cancelled_unpaid_is_not_placed_by_that(paid):
    (message,) = from_woo(WOO_ORDER | {"status": "cancelled", **paid})
    assert message["event"] == Event.ORDER_CANCELLED


@pytest.mark.parametrize("status", ["pending", "failed", "checkout-draft", None])
def test_an_unpaid_order_is_none_yet(status):
    (message,) = from_woo(WOO_ORDER | {"status": status})
    assert message["event"] == woocommerce.PENDING_ORDER and message["properties"]["order_id"] == "727"
