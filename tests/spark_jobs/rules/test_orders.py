"""Orders: the set of an order's events, folded into postings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spark_jobs.rules.orders import MAX_EVENTS, Terms, beyond_limit, fold, merged
from tests.spark_jobs.samples import at, event, line

TERMS = Terms("EUR")
TWO = [("a", 2, 2000), ("b", 1, 1001)]


def completed(minute=0, **fields):
    return event("Order Completed", minute, **({"revenue": 5000} | fields))


def updated(minute, **fields):
    return event("Order Updated", minute, **fields)


def refunded(minute, **fields):
    return event("Order Refunded", minute, **fields)


def cancelled(minute, **fields):
    return event("Order Cancelled", minute, **fields)


def brief(events, terms=TERMS):
    """(kind, minute, goods) of each posting."""
    return [
        (posting.kind, (posting.at - at(0)) / timedelta(minutes=1), posting.goods) for posting in fold(events, terms)
    ]


def notes(events):
    total = {}
    for posting in fold(events, TERMS):
        for name, count in posting.notes.items():
            total[name] = total.get(name, 0) + count
    return total


FOLDED = {
    "an order": ([completed()], [("sale", 0, 5000)]),
    "a free order is an order": ([completed(revenue=0)], [("sale", 0, 0)]),
    "without Completed it counts nowhere": ([updated(1, revenue=1), cancelled(2)], []),
    "nothing": ([], []),
    "the first Completed is its home": ([completed(9, revenue=1), completed(5)], [("sale", 5, 5000)]),
    # updates
    "the latest update gives the amounts, at home": (
        [completed(), updated(90, revenue=7000), updated(60, revenue=6000)],
        [("sale", 0, 7000)],
    ),
    "an update replaces all amounts": (
        [completed(revenue=None, total=6000, tax=500, shipping=500), updated(1, total=6000)],
        [("sale", 0, 6000)],
    ),
    "an update before home counts at home": ([completed(5), updated(1, revenue=7000)], [("sale", 5, 7000)]),
    "an update of lines alone": (
        [completed(revenue=None, lines=TWO), updated(1, lines=[("a", 1, 900)])],
        [("sale", 0, 900)],
    ),
    "lines beside the amounts of before": ([completed(), updated(1, lines=[("a", 1, 900)])], [("sale", 0, 5000)]),
    "an update to no lines": ([completed(revenue=None, lines=TWO), updated(1, lines=[])], [("sale", 0, 0)]),
    "an update of nothing": ([completed(), updated(1)], [("sale", 0, 5000)]),
    # refunds
    "a refund on its own day": (
        [completed(), refunded(3000, revenue=2000)],
        [("sale", 0, 5000), ("refund", 3000, 2000)],
    ),
    "a refund before home counts at home": (
        [completed(10), refunded(5, revenue=2000)],
        [("sale", 10, 5000), ("refund", 10, 2000)],
    ),
    "the same refund twice": (
        [completed(), refunded(1, revenue=2000, refund_id="r"), refunded(2, revenue=2000, refund_id="r")],
        [("sale", 0, 5000), ("refund", 1, 2000)],
    ),
    "two refunds without an id": (
        [completed(), refunded(1, revenue=2000), refunded(2, revenue=2000)],
        [("sale", 0, 5000), ("refund", 1, 2000), ("refund", 2, 2000)],
    ),
    "never more than the goods in all": (
        [completed(), refunded(1, revenue=3000), refunded(2, revenue=3000), refunded(3)],
        [("sale", 0, 5000), ("refund", 1, 3000), ("refund", 2, 2000), ("refund", 3, 0)],
    ),
    "without an amount: all that is left": (
        [completed(), refunded(1, revenue=1000), refunded(2)],
        [("sale", 0, 5000), ("refund", 1, 1000), ("refund", 2, 4000)],
    ),
    "a part of the total": (
        [completed(total=6000), refunded(1, total=3000)],
        [("sale", 0, 5000), ("refund", 1, 2500)],
    ),
    "of the updated goods": (
        [completed(), updated(1, revenue=1000), refunded(2)],
        [("sale", 0, 1000), ("refund", 2, 1000)],
    ),
    # cancellations
    "a cancellation": ([completed(), cancelled(60)], [("sale", 0, 5000), ("cancellation", 60, 5000)]),
    "what was not refunded": (
        [completed(), refunded(1, revenue=2000), cancelled(2), refunded(3, revenue=1000)],
        [("sale", 0, 5000), ("refund", 1, 2000), ("cancellation", 2, 3000), ("refund", 3, 0)],
    ),
    "cancelled twice": ([completed(), cancelled(1), cancelled(2)], [("sale", 0, 5000), ("cancellation", 1, 5000)]),
    "cancelled before home": ([completed(5), cancelled(1)], [("sale", 5, 5000), ("cancellation", 5, 5000)]),
    "an update after its cancellation": (
        [completed(), cancelled(1), updated(2, revenue=100)],
        [("sale", 0, 100), ("cancellation", 1, 100)],
    ),
    # refunds of an order nobody knows
    "unmatched, by its own amount": ([refunded(5, revenue=2000)], [("refund", 5, 2000)]),
    "unmatched, without an amount": ([refunded(5)], []),
    "unmatched, twice the same": (
        [refunded(5, total=100, refund_id="r"), refunded(6, total=100, refund_id="r")],
        [("refund", 5, 100)],
    ),
}


@pytest.mark.parametrize("name", FOLDED)
def test_fold(name):
    events, expected = FOLDED[name]
    assert brief(events) == expected
    assert brief(events[::-1]) == expected


def test_prices_that_include_tax():
    order = [completed(revenue=None, tax=500, lines=TWO)]
    assert brief(order) == [("sale", 0, 3001)]
    assert brief(order, Terms("EUR", prices_include_tax=True)) == [("sale", 0, 2501)]


def test_ties_of_time_are_told_by_receipt_and_then_by_message_id():
    same = [completed(0, message_id=name, revenue=len(name)) for name in ("bbb", "aa", "c")]
    assert brief(same) == [("sale", 0, 2)]
    assert brief([*same, completed(0, message_id="z", revenue=9, received_at=at(-1))]) == [("sale", 0, 9)]


def test_remarks_are_counted():
    assert notes([completed(), completed(1), completed(2)]) == {"order_repeated": 2}
    assert notes([completed(subtotal=4998)]) == {"amounts_disagree": 1}
    assert notes([completed(flags=("order_without_id",))]) == {"order_without_id": 1}
    assert notes([refunded(1, revenue=1)]) == {"refund_unmatched": 1}
    assert notes([completed(), refunded(1, revenue=9000)]) == {"refund_over": 1}
    assert notes([completed(), cancelled(1), refunded(2, revenue=9000)]) == {}
    without_price = replace(completed(), lines=(line("a", 1, 0, price=None), line("b", 1, 1)))
    assert notes([without_price]) == {"price_missing": 1}


def test_the_bridge_of_a_sale():
    lines = (line("a", 2, 1800, price=1000, discount=200), line("b", "0.5", 500, price=1000))
    [sale] = fold([replace(completed(revenue=None, discount=100, tax=380, shipping=490), lines=lines)], TERMS)
    assert (sale.goods, sale.discount, sale.tax, sale.shipping, sale.units_milli) == (2200, 300, 380, 490, 2500)
    assert [(share.line.product, share.goods) for share in sale.shares] == [("a", 1722), ("b", 478)]


def test_a_refund_is_shared_out_over_its_own_lines_else_over_the_orders():
    order = completed(lines=TWO, revenue=3001)
    _, by_order, by_lines = fold([order, refunded(1, revenue=1000), refunded(2, lines=[("b", 1, 500)])], TERMS)
    assert [(share.line.product, share.goods) for share in by_order.shares] == [("a", 666), ("b", 334)]
    assert [(share.line.product, share.goods) for share in by_lines.shares] == [("b", 500)]


def test_an_order_has_its_latest_currency():
    order = [completed(), updated(1, currency="JPY", lines=[("a", 1, 500)]), refunded(2, total=100, currency="USD")]
    postings = fold(order, TERMS)
    assert {posting.currency for posting in postings} == {"JPY"}
    assert [(posting.kind, posting.goods) for posting in postings] == [("sale", 50), ("refund", 1)]


def test_a_currency_that_was_not_given_changes_nothing():
    order = [completed(currency="USD"), updated(1, revenue=100, is_currency_given=False)]
    assert [(posting.currency, posting.goods) for posting in fold(order, TERMS)] == [("USD", 100)]
    [sale] = fold([completed(currency="INR", is_currency_given=False)], TERMS)
    assert sale.currency == "EUR"


def test_all_amounts_convert_at_the_home_day():
    postings = fold([completed(), refunded(10_000), cancelled(20_000)], TERMS)
    assert {posting.rate_time for posting in postings} == {at(0)}


def test_of_copies_the_one_received_first_is_kept():
    first, second = completed(message_id="m"), completed(message_id="m", received_at=at(1), envelope_id="e/2")
    assert merged([second], [first]) == merged([first], [second]) == [first]
    tied = replace(first, envelope_id="e/0")
    assert merged([first], [tied]) == merged([tied], [first]) == [tied]


def test_an_order_has_room_for_200_events():
    many = [updated(minute) for minute in range(MAX_EVENTS + 5)]
    assert MAX_EVENTS == 200
    assert beyond_limit([], many[::-1]) == {one.message_id for one in many[MAX_EVENTS:]}
    assert beyond_limit(many[5:], many) == {one.message_id for one in many[:5]}
    assert beyond_limit(many[:MAX_EVENTS], [*many[:3], many[0]]) == set()
    assert beyond_limit(many, many) == set()
