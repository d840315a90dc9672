"""Sales of an hour from its postings: the bridge, conversion and what has no rate."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts.canonical import checksum
from contracts.reports import SALES_AMOUNTS, SALES_NOTES
from spark_jobs.reports.sales import amounts_of, sales_content
from spark_jobs.rules.exchange import Rates
from spark_jobs.rules.orders import Posting, PostingKind
from tests.spark_jobs.samples import at

DAY = date(2026, 11, 24)
EUROS = Rates("EUR", {("USD", DAY): Decimal("0.333"), ("JPY", DAY): Decimal("0.00625")})
NOTHING = dict.fromkeys((*SALES_AMOUNTS, "orders", "cancelled_orders"), 0)


def posting(kind=PostingKind.SALE, **overrides):
    return Posting(**({"kind": kind, "at": at(0), "rate_time": at(0), "currency": "EUR", "goods": 1000} | overrides))


def sale(**overrides):
    return posting(**({"discount": 200, "shipping": 490, "tax": 190, "units_milli": 2500} | overrides))


def content(*postings, rates=EUROS):
    return sales_content(postings, rates, lambda instant: instant.date())


def test_an_hour_without_postings_is_zero():
    assert content() == {
        "currency": "EUR",
        "orders": 0,
        "cancelled_orders": 0,
        "refund_count": 0,
        "units_milli": 0,
        "converted": NOTHING,
        "by_currency": {},
        "unconverted": {},
        "notes": dict.fromkeys(SALES_NOTES, 0),
    }


def test_the_bridge():
    found = content(
        sale(), posting(PostingKind.REFUND, goods=300), posting(PostingKind.CANCELLATION, goods=100), sale(goods=0)
    )
    assert found["converted"] == {
        "gross": 1400, "discount": 400, "sales": 1000, "shipping": 980, "tax": 380, "refunds": 300, "cancelled": 100,
        "orders": 2, "cancelled_orders": 1,
    }  # fmt: skip
    assert (found["orders"], found["cancelled_orders"], found["refund_count"], found["units_milli"]) == (2, 1, 1, 5000)
    assert found["by_currency"] == {"EUR": found["converted"]} and found["unconverted"] == {}


def test_each_amount_converts_by_itself_and_gross_stays_their_sum():
    found = content(sale(currency="USD", goods=1000, discount=5), sale(currency="USD", goods=1, discount=1))
    assert found["converted"]["sales"] == 333 + 0
    assert found["converted"]["discount"] == 2 + 0
    assert found["converted"]["gross"] == found["converted"]["sales"] + found["converted"]["discount"]
    assert found["by_currency"]["USD"]["gross"] == 1007


def test_a_currency_without_a_rate_is_added_to_nothing():
    found = content(sale(currency="GBP"), sale())
    assert found["orders"] == 2
    assert found["converted"]["orders"] == 1 and found["converted"]["sales"] == 1000
    assert found["unconverted"] == {"GBP": found["by_currency"]["GBP"]}
    assert found["unconverted"]["GBP"]["orders"] == 1 and found["unconverted"]["GBP"]["sales"] == 1000


def test_a_refund_converts_at_its_orders_day():
    late = posting(PostingKind.REFUND, currency="USD", at=at(0) + timedelta(days=30))
    assert content(late)["converted"]["refunds"] == 333
    assert content(sale(currency="USD", rate_time=at(0) + timedelta(days=8)))["converted"] == NOTHING


def test_remarks_add_up():
    found = content(sale(notes={"order_repeated": 2}), sale(notes={"order_repeated": 1, "price_missing": 1}))
    assert found["notes"] == dict.fromkeys(SALES_NOTES, 0) | {"order_repeated": 3, "price_missing": 1}


def test_the_order_of_postings_changes_no_checksum():
    postings = [sale(), sale(currency="JPY"), posting(PostingKind.REFUND, goods=7), sale(currency="GBP")]
    assert checksum(content(*postings)) == checksum(content(*postings[::-1]))


@pytest.mark.parametrize("kind", PostingKind)
def test_every_kind_has_its_part_of_the_bridge(kind):
    assert set(amounts_of(posting(kind))) <= set(SALES_AMOUNTS)
