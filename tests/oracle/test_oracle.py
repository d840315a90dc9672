"""The oracle against numbers worked out by hand, so that it is not only as right as the jobs are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.oracle.arrivals import Arrival, Shop
from tests.oracle.clock import local_hour
from tests.oracle.money import shared_out
from tests.oracle.rees46 import file_numbers
from tests.oracle.reports import expected_reports

BERLIN = Shop("Europe/Berlin", "EUR")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = "2026-11-20T12:00Z"
REES46 = Path(__file__).parents[2].parent / "shared" / "data" / "rees46-2019-10-01.csv.gz"


def sent(event=None, minute=0, key="server", kind="track", message_id=None, **properties):
    time = NOON + timedelta(minutes=minute)
    message = {"type": kind, "anonymousId": "v1", "timestamp": time.isoformat(), "properties": properties}
    message["messageId"] = message_id or f"{event}{minute}{sorted(properties)}"
    return Arrival(message | ({"event": event} if event else {}), time + timedelta(seconds=1), key)


def sales(*arrivals, hour=HOUR):
    return expected_reports(list(arrivals), BERLIN).sales[hour]


def test_hours_of_other_zones():
    time = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)
    assert local_hour(time, "Asia/Kolkata") == "2026-11-20T11:30Z"
    assert local_hour(time, "Asia/Kathmandu") == "2026-11-20T11:15Z"
    assert local_hour(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin") == "2026-10-25T01:00Z"


def test_the_rest_of_a_division_goes_to_the_largest_remainders():
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert shared_out(100, [333, 333, 334]) == [33, 33, 34]
    assert shared_out(5, [0, 0]) == [0, 0]


def test_copies_count_once_and_another_time_is_another_event():
    reports = expected_reports(
        [sent(kind="page", message_id="a") for _ in range(3)] + [sent(kind="page", minute=1, message_id="a")], BERLIN
    )
    assert reports.traffic[HOUR] == {"events": 2, "page_views": 2, "visitors": 1}
    assert reports.quality[HOUR]["duplicate"] == 2


def test_a_sale_is_total_less_tax_and_shipping():
    found = sales(sent("Order Completed", order_id="1", total=119.0, tax=19, shipping="0", revenue=90))
    assert (found["orders"], found["sales"], found["amounts_disagree"]) == (1, 10_000, 1)


def test_the_discount_is_spread_over_the_lines():
    lines = [{"product_id": "a", "price": 10, "quantity": 2}, {"product_id": "b", "price": "10.01"}]
    reports = expected_reports([sent("Order Completed", order_id="1", products=lines, discount=1)], BERLIN)
    assert reports.sales[HOUR]["sales"] == 2_901
    day = reports.products["2026-11-20"]
    assert (day["a"]["revenue"], day["b"]["revenue"]) == (1_933, 968)


def test_an_update_replaces_the_sale_where_the_order_was_opened():
    opened = sent("Order Completed", order_id="1", revenue=50)
    updated = sent("Order Updated", minute=90, order_id="1", revenue=70)
    assert sales(updated, opened)["sales"] == 7_000


def test_refunds_never_exceed_the_order():
    events = [
        sent("Order Completed", order_id="1", revenue=50),
        sent("Order Refunded", minute=5, order_id="1", refund_id="r1", revenue=30),
        sent("Order Refunded", minute=6, order_id="1", refund_id="r1", revenue=30),
        sent("Order Refunded", minute=7, order_id="1", refund_id="r2", revenue=30),
    ]
    found = sales(*events)
    assert (found["refunds"], found["refund_count"], found["refund_over"]) == (5_000, 2, 1)


def test_a_cancelled_order_gives_back_what_was_not_refunded():
    events = [
        sent("Order Completed", order_id="1", revenue=50),
        sent("Order Refunded", minute=5, order_id="1", revenue=20),
        sent("Order Cancelled", minute=6, order_id="1"),
        sent("Order Refunded", minute=7, order_id="1"),
    ]
    found = sales(*events)
    assert (found["orders"], found["refunds"], found["cancelled"], found["cancelled_orders"]) == (1, 2_000, 3_000, 1)


@pytest.mark.parametrize(
    ("code", "properties"),
    [
        ("negative_amount", {"revenue": -1}),
        ("bad_amount", {"revenue": "NaN"}),
        ("bad_amount", {"revenue": "twelve"}),
        ("bad_currency", {"currency": "XXQ"}),
        ("bad_quantity", {"products": [{"product_id": "a", "quantity": "few"}]}),
        ("bad_products", {"products": "a"}),
        ("amount_too_large", {"revenue": 10**14}),
    ],
)
def test_bad_orders_have_a_code(code, properties):
    found = expected_reports([sent("Order Completed", order_id="1", **properties)], BERLIN)
    assert found.quality[HOUR]["rejected_by_code"] == {code: 1}
    assert found.sales == {}


def test_a_page_key_may_not_refund():
    found = expected_reports([sent("Order Refunded", key="page", order_id="1")], BERLIN)
    assert found.quality[HOUR]["rejected_by_code"] == {"needs_server_key": 1}


@pytest.mark.skipif(not REES46.exists(), reason="../shared/data is not beside this repository")
def test_the_rees46_excerpt():
    numbers = file_numbers(REES46)
    assert (numbers.rows, numbers.repeated) == (17_433, 5)
    assert sum(numbers.orders.values()) == 214
    assert sum(numbers.events.values()) == 17_428
    assert len(numbers.products) == 1
