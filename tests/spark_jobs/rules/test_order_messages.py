"""Order messages: what one message says about its order, in minor units."""

import pytest

from tests.spark_jobs.samples import envelope, message, order

TEA = {"product_id": "tea", "price": "12.50", "quantity": 1}
ARCHIVED_TEA = {
    "product": "tea",
    "name": None,
    "brand": None,
    "category": None,
    "variant": None,
    "price": 1250,
    "quantity_milli": 1000,
    "discount": None,
    "coupon": None,
    "amount": 1250,
}
NO_CURRENCY = ["no_currency"]


def sent(*args, shop="amber", **properties):
    return envelope(order(*args, **properties), merchant=shop)


CASES = {
    # name -> (value, fields of `order` that matter, flags)
    "the whole": (
        sent(refund_id="r-1", currency="eur", coupon=" SPRING ", total="16.00", tax=2, shipping="1.50", subtotal=12.5),
        {
            "order_id": "1001",
            "refund_id": "r-1",
            "currency": "EUR",
            "coupon": "SPRING",
            "has_amounts": True,
            "total": 1600,
            "revenue": 1250,
            "subtotal": 1250,
            "tax": 200,
            "shipping": 150,
            "discount": None,
            "lines": [ARCHIVED_TEA],
        },
        [],
    ),
    # ids
    "a number": (sent(order_id=1001), {"order_id": "1001"}, NO_CURRENCY),
    "trimmed, case kept": (sent(order_id=" aB-1 "), {"order_id": "aB-1"}, NO_CURRENCY),
    "a number with zeros": (sent(order_id="0001"), {"order_id": "0001"}, NO_CURRENCY),
    **{
        f"the id {order_id!r}": (sent(order_id=order_id), {"order_id": None}, ["no_currency", "order_without_id"])
        for order_id in (None, "", "  ", "null", "Undefined", "0", 0, " NULL ")
    },
    "a refund id that is none": (sent(refund_id="null"), {"refund_id": None}, NO_CURRENCY),
    # currencies
    "the shop's currency": (sent(shop="brief"), {"currency": "JPY", "revenue": 13}, NO_CURRENCY),
    "an empty currency": (sent(currency=" "), {"currency": "EUR"}, NO_CURRENCY),
    "another currency": (sent(currency="jpy"), {"currency": "JPY", "revenue": 13}, []),
    "three digits": (sent(currency="BHD", revenue="1.2345"), {"revenue": 1235}, []),
    # amounts
    "as numbers": (sent(revenue=12.5, total=1e3), {"revenue": 1250, "total": 100_000}, NO_CURRENCY),
    "no amounts": (sent(revenue=None), {"has_amounts": False, "revenue": None}, NO_CURRENCY),
    "an empty amount is none": (sent(revenue=""), {"has_amounts": False, "revenue": None}, NO_CURRENCY),
    "a discount alone": (sent(revenue=None, discount="-2"), {"has_amounts": True, "discount": 200}, NO_CURRENCY),
    "a refund's amounts are absolute": (
        sent("Order Refunded", revenue="-12.50", tax="-1", products=[TEA | {"price": "-3", "quantity": -2}]),
        {"revenue": 1250, "tax": 100, "lines": [ARCHIVED_TEA | {"price": 300, "quantity_milli": 2000, "amount": 600}]},
        NO_CURRENCY,
    ),
    "amounts that disagree": (
        sent(total=16, tax=2, shipping=1.5, revenue="12.48"),
        {"revenue": 1248},
        ["no_currency", "amounts_disagree"],
    ),
    "amounts that agree but for one unit": (sent(revenue="12.50", subtotal="12.51"), {"subtotal": 1251}, NO_CURRENCY),
    # lines
    "several": (
        sent(products=[TEA, TEA | {"product_id": None, "sku": "cup", "quantity": "2.5", "discount": 1}]),
        {
            "lines": [
                ARCHIVED_TEA,
                ARCHIVED_TEA | {"product": "cup", "quantity_milli": 2500, "discount": 100, "amount": 3025},
            ]
        },
        NO_CURRENCY,
    ),
    "without a price": (
        sent(products=[{"product_id": "tea"}]),
        {"lines": [ARCHIVED_TEA | {"price": None, "amount": 0}]},
        ["no_currency", "price_missing"],
    ),
    "an empty list": (sent(products=[]), {"lines": []}, NO_CURRENCY),
    "no list": (sent(products=None), {"lines": None}, NO_CURRENCY),
    "a product of its own": (
        sent(products=None, product_id="tea", price="12.50", quantity=2, discount=1, coupon="x"),
        {"lines": [ARCHIVED_TEA | {"quantity_milli": 2000, "amount": 2500}], "discount": 100, "coupon": "x"},
        NO_CURRENCY,
    ),
    "a list beside a product of its own": (
        sent(product_id="cup", price="1"),
        {"lines": [ARCHIVED_TEA]},
        NO_CURRENCY,
    ),
    "no order": (envelope(message(properties={"order_id": "1", "revenue": "x"})), None, []),
}
VALUES = {name: value for name, (value, _, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_an_order_says(rows, name):
    row, (_, expected, flags) = rows[name], CASES[name]
    assert (row["outcome"], row["flags"]) == ("accepted", flags)
    found = row["order"]
    assert found is expected is None or {field: found[field] for field in expected} == expected
