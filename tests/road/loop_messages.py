"""What the closed loop's shop sends: good messages of all kinds, copies of them, and bad ones."""

from datetime import UTC, datetime, timedelta
from functools import cache

from tests.road.shops import bytes_of, message

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def good_messages():
    """Three hundred of all kinds over five hours, with orders that are updated, refunded and cancelled."""
    messages = []
    for number in range(60):
        at, visitor = NOON + timedelta(minutes=5 * number), f"v{number % 13}"
        product = {"product_id": f"p{number % 7}", "name": f"Product {number % 7}", "price": 10 + number % 7}
        messages += [
            message(None, at, visitor, path=f"/products/{number % 7}"),
            message("Product Viewed", at + timedelta(seconds=1), visitor, **product),
            message("Product Added", at + timedelta(seconds=20), visitor, **product, quantity=2),
            message("Newsletter Signed Up", at + timedelta(seconds=30), visitor),
            message("order_completed", at + timedelta(minutes=1), visitor, **order(number, product)),
        ]
    return messages


def order(number, product):
    return {
        "order_id": f"o{number}",
        "products": [product | {"quantity": 2}, {"sku": "gift", "price": "1.005"}],
        "discount": 1.5,
        "tax": 2,
        "shipping": "3.90",
        "currency": "eur ",
    }


def later_messages():
    """What becomes of the orders; the 40 days' old order is known from nowhere else."""
    at = NOON + timedelta(hours=7)
    return [
        message("Order Updated", at, order_id="o1", products=[{"product_id": "p1", "price": 99, "quantity": 1}]),
        message("Order Updated", at, order_id="o2", revenue="55.55"),
        message("Order Refunded", at, order_id="o3", revenue=3.33, refund_id="r"),
        message("Order Refunded", at, order_id="o3", revenue=3.33, refund_id="r"),
        message("Order Refunded", at, order_id="o4"),
        message("Order Refunded", at, order_id="o5", revenue=5000),
        message("Order Cancelled", at, order_id="o6"),
        message("Order Refunded", at - timedelta(days=40), order_id="unknown", revenue=12),
        message("Order Completed", at + timedelta(days=1), **order(7, {"product_id": "p0", "price": 1})),
        message("Order Completed", at, revenue=20),
    ]


@cache
def bad_messages():
    """The same at every call: (bytes of a member, its code, the message where the oracle can judge it)."""
    at = NOON + timedelta(minutes=10)
    completed = "Order Completed"
    bad = {
        "negative_amount": message(completed, at, order_id="b1", revenue=-1),
        "bad_amount": message(completed, at, order_id="b2", revenue="a lot"),
        "amount_too_large": message(completed, at, order_id="b3", revenue=10**15),
        "bad_currency": message(completed, at, order_id="b4", revenue=1, currency="points"),
        "bad_quantity": message(completed, at, order_id="b5", products=[{"product_id": "a", "quantity": "few"}]),
        "bad_products": message(completed, at, order_id="b6", products="two mugs"),
        "no_order_id": message("Order Refunded", at, revenue=1),
        "no_event_name": message(None, at) | {"type": "track"},
        "unknown_type": message(None, at) | {"type": "purchase"},
        "bad_properties": message("Product Viewed", at) | {"properties": [1]},
        "bad_time": message("Product Viewed", at) | {"timestamp": "yesterday"},
    }
    judged = [(bytes_of(one), code, one) for code, one in bad.items()]
    return [*judged, (b"42", "not_an_object", None), (b'{"type":"track","event":"\xff"}', "bad_utf8", None)]
