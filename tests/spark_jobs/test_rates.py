"""Rates from the database: those of the days that are needed, and of the days that may stand in."""

from datetime import date
from decimal import Decimal

from contracts.names import Collection
from spark_jobs.rates import read_rates

DAY = date(2026, 11, 24)


def load(database, *rates):
    documents = [
        {"_id": f"{base}/{quote}/{day}", "base": base, "quote": quote, "day": day, "rate": rate}
        for base, quote, day, rate in rates
    ]
    database[Collection.FX_RATES].insert_many(documents)


def test_the_days_that_are_needed_and_seven_before(database):
    load(
        database,
        ("USD", "EUR", "2026-11-24", "0.9"),
        ("USD", "EUR", "2026-11-17", "0.8"),
        ("USD", "EUR", "2026-11-16", "0.7"),
        ("USD", "EUR", "2026-11-25", "0.6"),
        ("USD", "INR", "2026-11-24", "84"),
        ("GBP", "EUR", "2026-11-24", "1.15"),
    )
    rates = read_rates(database, "EUR", [("USD", DAY), ("EUR", DAY)])
    assert rates.quote == "EUR"
    assert rates.by_base_and_day == {
        ("USD", DAY): Decimal("0.9"),
        ("USD", date(2026, 11, 17)): Decimal("0.8"),
    }


def test_nothing_is_read_for_the_own_currency(database):
    assert read_rates(database, "EUR", [("EUR", DAY)]).by_base_and_day == {}
    assert read_rates(database, "EUR", []).by_base_and_day == {}


def test_a_rate_is_a_decimal_to_the_last_digit(database):
    load(database, ("USD", "EUR", "2026-11-24", "0.912345678901234567"))
    assert read_rates(database, "EUR", [("USD", DAY)]).on("USD", DAY) == Decimal("0.912345678901234567")
