"""Exchange of minor units, and the spreading of an amount."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_jobs.rules.exchange import Rates, converted, rescaled, round_half_up, spread
from tests.oracle.money import shared_out

DAY = date(2026, 11, 24)


def rates(**by_days_back):
    table = {("USD", DAY - timedelta(days=int(name[1:]))): Decimal(rate) for name, rate in by_days_back.items()}
    return Rates("EUR", table)


def test_the_days_rate_is_used():
    assert rates(d0="0.9", d1="0.8").on("USD", DAY) == Decimal("0.9")


def test_else_the_last_one_at_most_seven_days_back():
    assert rates(d3="0.7", d7="0.6").on("USD", DAY) == Decimal("0.7")
    assert rates(d7="0.6").on("USD", DAY) == Decimal("0.6")
    assert rates(d8="0.5").on("USD", DAY) is None


def test_a_later_rate_is_not_used():
    assert Rates("EUR", {("USD", DAY + timedelta(days=1)): Decimal("0.9")}).on("USD", DAY) is None


def test_the_own_currency_needs_no_rate():
    assert Rates("EUR").on("EUR", DAY) == 1
    assert Rates("EUR").on("GBP", DAY) is None


@pytest.mark.parametrize(
    ("minor", "base", "quote", "rate", "expected"),
    [
        (1250, "USD", "EUR", "0.9", 1125),
        (1, "USD", "EUR", "0.5", 1),
        (3, "USD", "EUR", "0.5", 2),
        (-1, "USD", "EUR", "0.5", -1),
        (1250, "EUR", "JPY", "160.5", 2006),
        (1000, "JPY", "EUR", "0.00625", 625),
        (1250, "BHD", "EUR", "2.5", 313),
        (1250, "EUR", "BHD", "0.4", 5000),
        (1250, "EUR", "EUR", "7", 1250),
        (10**15, "EUR", "BHD", "0.411111111", 4_111_111_110_000_000),
    ],
)
def test_amounts_are_rounded_half_up_once(minor, base, quote, rate, expected):
    assert converted(minor, base, quote, Decimal(rate)) == expected


@pytest.mark.parametrize(
    ("minor", "written_in", "currency", "expected"),
    [(1250, "EUR", "USD", 1250), (1250, "EUR", "JPY", 13), (13, "JPY", "EUR", 1300), (1250, "EUR", "BHD", 12_500)],
)
def test_a_figure_read_in_another_currency(minor, written_in, currency, expected):
    assert rescaled(minor, written_in, currency) == expected


def test_half_is_rounded_away_from_zero():
    amounts = ("0.5", "1.5", "2.5", "-0.5", "-2.5", "0.49")
    assert [round_half_up(Decimal(amount)) for amount in amounts] == [1, 2, 3, -1, -3, 0]


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (100, [333, 333, 334], [33, 33, 34]),
        (5, [0, 0], [0, 0]),
        (5, [], []),
        (5, [0, 3], [0, 5]),
        (0, [1, 2], [0, 0]),
        (1, [5, 5], [1, 0]),
        (7, [1, 5, 1], [1, 5, 1]),
    ],
)
def test_the_rest_goes_to_the_largest_remainders_ties_by_position(amount, weights, expected):
    assert spread(amount, weights) == expected


@settings(derandomize=True, max_examples=200)
@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), max_size=12))
def test_a_spread_amount_is_whole_and_equals_the_oracles(amount, weights):
    parts = spread(amount, weights)
    assert sum(parts) == (amount if sum(weights) else 0)
    assert parts == shared_out(amount, weights)
