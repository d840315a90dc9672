"""Orders from the exports of Shopify and WooCommerce."""

from zoneinfo import ZoneInfo

import pytest

from collector.adapters import shopify
from collector.adapters.mapped import Call
from stack.imports.declared import read_mapping
from stack.imports.mapping import BadRow
from stack.imports.rows import read_rows

SHOPIFY = """Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Vendor,Cancelled at,Refunded Amount,Id
#1002,jon@example.com,paid,EUR,50.00,4.45,9.50,63.95,MAY,5.00,2026-11-24 15:00:00 +0100,2,"Tee, grün",25.00,TEE-1,Acme,,0.00,820982911946154508
#1002,jon@example.com,,,,,,,,,,1,Cup,5.00,CUP-1,Acme,,,
#1001,ann@example.com,refunded,EUR,10.00,0.00,1.90,11.90,,0.00,2026-11-23 09:00:00 +0100,1,Cup,10.00,CUP-1,Acme,2026-11-23 10:00:00 +0100,11.90,820982911946154507
"""
WOO = """Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution
2026-11-24 15:00:00,727,€45.00,completed,Jon Doe,new,2× Tee,2,may,45,Direct
2026-11-24 16:00:00,728,€5.00,cancelled,Ann Doe,new,1× Cup,1,,5,Direct
2026-11-24 17:00:00,729,€7.00,pending,Eve Doe,new,1× Cup,1,,7,Direct
"""


def messages(tmp_path, name, text, zone="UTC"):
    file = tmp_path / "orders.csv"
    file.write_text(text)
    mapping = read_mapping(name, ZoneInfo(zone))
    return [message for rows in mapping.groups_of(read_rows(file)) for message in mapping.messages_of(rows)]


def test_rows_of_one_order_are_its_lines(tmp_path):
    order, other, refund, cancelled = messages(tmp_path, "shopify-orders", SHOPIFY)
    assert (order["event"], order["timestamp"]) == ("Order Completed", "2026-11-24T14:00:00Z")
    assert order["properties"] == {
        "order_id": "820982911946154508",
        "currency": "EUR",
        "total": "63.95",
        "tax": "9.50",
        "shipping": "4.45",
        "discount": "5.00",
        "coupon": "MAY",
        "products": [
            {"sku": "TEE-1", "name": "Tee, grün", "brand": "Acme", "price": "25.00", "quantity": "2"},
            {"sku": "CUP-1", "name": "Cup", "brand": "Acme", "price": "5.00", "quantity": "1"},
        ],
    }
    assert [one["event"] for one in (other, refund, cancelled)] == [
        "Order Completed",
        "Order Refunded",
        "Order Cancelled",
    ]
    assert refund["properties"]["total"] == "11.90" and cancelled["timestamp"] == "2026-11-23T09:00:00Z"


def test_an_order_that_comes_by_webhook_too_is_the_same(tmp_path):
    imported = messages(tmp_path, "shopify-orders", SHOPIFY)[0]
    order = b'{"id":820982911946154508,"created_at":"2026-11-24T15:00:00+01:00"}'
    (mapped,) = shopify.read(Call("", order, {"x-shopify-topic": "orders/create"}.get)).messages
    assert imported["messageId"] == mapped.message["messageId"]


def test_orders_of_woocommerce_are_in_the_shops_time(tmp_path):
    completed, sold, cancelled = messages(tmp_path, "woocommerce-orders", WOO, "Europe/Berlin")
    assert (completed["timestamp"], completed["properties"]) == (
        "2026-11-24T14:00:00Z",
        {"order_id": "727", "revenue": "45", "coupon": "may"},
    )
    assert [one["event"] for one in (sold, cancelled)] == ["Order Completed", "Order Cancelled"]


@pytest.mark.parametrize("name", ["shopify-orders", "woocommerce-orders"])
def test_people_stay_out(tmp_path, name):
    text = str(messages(tmp_path, name, {"shopify-orders": SHOPIFY, "woocommerce-orders": WOO}[name]))
    assert not any(word in text.lower() for word in ("jon", "ann@", "doe"))


def test_a_file_of_another_kind_is_named(tmp_path):
    with pytest.raises(BadRow):
        messages(tmp_path, "shopify-orders", "a,b\n1,2\n")
    with pytest.raises(BadRow):
        messages(tmp_path, "woocommerce-orders", WOO.replace("2026-11-24 15:00:00", "24.11.2026"))
