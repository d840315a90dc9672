from contracts.reports import SALES_AMOUNTS
from report_app.reading.reports import Part, State
from report_app.reading.totals import state_of, summed_quality, summed_sales
from tests.report_app.documents import quality, sales


def parts(*contents):
    return [Part(f"h{n}", State.READ, content) for n, content in enumerate(contents)]


def test_net_sales_are_sales_less_refunds_and_cancelled():
    found = summed_sales(
        parts(sales(amounts={"sales": 5000}, orders=2), sales(amounts={"refunds": 700, "cancelled": 50}))
    )
    assert found.net == 4250
    assert found.counts["orders"] == 2


def test_average_order_is_rounded_half_up_and_null_without_orders():
    assert summed_sales(parts(sales(amounts={"sales": 1001}, orders=2))).average_order == 501
    assert summed_sales(parts(sales())).average_order is None


def test_amounts_without_a_rate_are_added_to_nothing_else():
    dollars = dict.fromkeys(SALES_AMOUNTS, 0) | {"sales": 3000, "refunds": 500, "orders": 1}
    content = sales(amounts={"sales": 1000, "orders": 1}, unconverted={"USD": dollars}, orders=2)
    found = summed_sales(parts(content, content))
    assert found.net == 2000
    assert found.net_unconverted == {"USD": 5000}
    assert (found.counts["orders"], found.converted_orders, found.average_order) == (4, 2, 1000)


def test_unconverted_may_be_a_list_of_currencies():
    content = sales(unconverted={"USD": dict.fromkeys(SALES_AMOUNTS, 0) | {"sales": 3000}})
    assert summed_sales(parts(content | {"unconverted": ["USD"]})).net_unconverted == {"USD": 3000}


def test_what_is_not_accounted_for_is_the_difference():
    balanced = quality(received=10, returned=1, accepted=6, duplicate=2, bot=1, rejected=2)
    assert summed_quality(parts(balanced)).not_accounted_for == 0
    assert summed_quality(parts(balanced | {"accepted": 5})).not_accounted_for == 1


def test_one_unreadable_part_makes_the_whole_unreadable():
    assert state_of([*parts(sales()), Part("x", State.AGAIN)]) is State.AGAIN
