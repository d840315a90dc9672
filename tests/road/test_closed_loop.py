"""N good, D copies and B bad messages: N are counted, D are duplicates, B are in the inbox as they were sent."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from contracts.keys import KeyKind
from contracts.names import Collection
from contracts.reports import Family
from tests.oracle.arrivals import Arrival
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import bytes_of, message

pytestmark = pytest.mark.stack
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


@pytest.fixture(scope="module")
def mended(road):
    """A shop that sends what rules repair; it shares the other shop's waits."""
    return road.new_shop("mended")


@pytest.fixture(scope="module")
def shop(road, mended):
    shop = road.new_shop("loop")
    good = [*good_messages(), *later_messages()]
    shop.send(good)
    shop.send(good[::7])
    road.wait()
    shop.send(good[::11])
    mended.send_bytes([bytes_of(message("Order Completed", NOON, order_id="1", revenue="1.234,50 €"))])
    mended.send_bytes([bytes_of(message("Order Refunded", NOON, orderId="1", value=34.5))])
    for content, code, one in bad_messages():
        shop.send_bytes([content])
        shop.arrivals.append(Arrival(one, datetime.now(UTC), "server", reject_code=code))
    answer = shop.post("/v1/track", b'{"type":"track",')
    assert answer.status_code == 400
    shop.arrivals.append(Arrival(None, datetime.now(UTC), "server"))
    road.wait()
    return shop


def test_good_copies_and_bad_are_counted_and_nothing_else(shop):
    good = len(good_messages()) + len(later_messages())
    copies = len(range(0, good, 7)) + len(range(0, good, 11))
    bad = len(bad_messages()) + 1
    assert shop.books() == {
        "received": good + copies + bad,
        "returned": 0,
        "accepted": good,
        "duplicate": copies,
        "bot": 0,
        "rejected": bad,
    }


def test_every_report_is_what_the_oracle_says(shop):
    assert_reports_are_right(shop)


def test_the_bad_are_in_the_inbox_with_their_own_bytes(shop):
    inbox = list(shop.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant}))
    found = {(bytes(error["original"]), error["code"]) for error in inbox}
    assert found == {(content, code) for content, code, _ in bad_messages()} | {(b'{"type":"track",', "bad_json")}
    assert len(inbox) == len(found)
    assert all(error["status"] == "parked" and error["place"] and error["envelope"] for error in inbox)


def test_what_rules_repair_is_counted_once_as_returned(shop, mended):
    assert mended.books() == {
        "received": 2,
        "returned": 2,
        "accepted": 2,
        "duplicate": 0,
        "bot": 0,
        "rejected": 2,
    }
    (hour,) = [hour for hour in mended.hours(Family.SALES).values() if hour["orders"]]
    assert (hour["converted"]["sales"], hour["converted"]["refunds"]) == (123_450, 3_450)
    inbox = list(mended.database[Collection.FAILED_EVENTS].find({"merchant": mended.merchant}))
    assert {error["status"] for error in inbox} == {"repaired"}


def test_a_page_key_may_not_refund(road):
    shop = road.new_shop("page")
    shop.send([message("Order Completed", NOON, order_id="1", revenue=5)], KeyKind.PAGE)
    shop.send([message("Order Refunded", NOON, order_id="1")], KeyKind.PAGE)
    shop.send([message(None, NOON - timedelta(days=30))], KeyKind.PAGE)
    road.wait()
    assert_reports_are_right(shop)
    assert shop.books()["rejected"] == 2
