"""Amounts: text to whole minor units, rounded once, and never an exception."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from contracts.money import EXPONENTS, MAX_MINOR
from spark_jobs.rules.amounts import amount_code, amount_read, currency_of, line_amount, minor_units, number, units_of
from tests.spark_jobs.samples import evaluated

READ = [
    # text, currency, minor units, code
    ("12.50", "EUR", 1250, None),
    ("12.5", "EUR", 1250, None),
    (" 12.5 ", "EUR", 1250, None),
    ("12.", "EUR", 1200, None),
    (".5", "EUR", 50, None),
    ("+3", "EUR", 300, None),
    ("1.25e1", "EUR", 1250, None),
    ("1.0E7", "EUR", 1_000_000_000, None),
    ("125e-1", "EUR", 1250, None),
    ("1e-300", "EUR", 0, None),
    ("0", "EUR", 0, None),
    ("-0", "EUR", 0, None),
    ("00012", "EUR", 1200, None),
    # half-up, once, away from zero
    ("0.005", "EUR", 1, None),
    ("0.0049999", "EUR", 0, None),
    ("0.015", "EUR", 2, None),
    ("0.025", "EUR", 3, None),
    ("2.675", "EUR", 268, None),
    ("1.4999999", "EUR", 150, None),
    # other currencies
    ("1250", "JPY", 1250, None),
    ("1250.5", "JPY", 1251, None),
    ("1250.49", "JPY", 1250, None),
    ("1.2345", "BHD", 1235, None),
    ("1.2344", "BHD", 1234, None),
    # the largest
    ("10000000000000", "EUR", MAX_MINOR, None),
    ("10000000000000.01", "EUR", None, "amount_too_large"),
    ("1000000000000000", "JPY", MAX_MINOR, None),
    ("1000000000000000.4", "JPY", MAX_MINOR, None),
    ("1000000000000001", "JPY", None, "amount_too_large"),
    ("1000000000000", "BHD", MAX_MINOR, None),
    ("-1e30", "EUR", None, "amount_too_large"),
    ("1e400", "EUR", None, "amount_too_large"),
    ("9" * 40, "EUR", None, "amount_too_large"),
    # below zero
    ("-0.01", "EUR", -1, "negative_amount"),
    ("-12.50", "EUR", -1250, "negative_amount"),
    # nothing was sent
    ("", "EUR", None, None),
    ("  ", "EUR", None, None),
    (None, "EUR", None, None),
    # no numbers
    ("NaN", "EUR", None, "bad_amount"),
    ("Infinity", "EUR", None, "bad_amount"),
    ("-inf", "EUR", None, "bad_amount"),
    ("twelve", "EUR", None, "bad_amount"),
    ("12,50", "EUR", None, "bad_amount"),
    ("1 250", "EUR", None, "bad_amount"),
    ("€12", "EUR", None, "bad_amount"),
    ("12 EUR", "EUR", None, "bad_amount"),
    ("0x10", "EUR", None, "bad_amount"),
    ("1e", "EUR", None, "bad_amount"),
    ("1e999999999", "EUR", None, "bad_amount"),
    ("-1e-999999999", "EUR", None, "bad_amount"),
    ("--1", "EUR", None, "bad_amount"),
    (".", "EUR", None, "bad_amount"),
    ("true", "EUR", None, "bad_amount"),
    ("[1]", "EUR", None, "bad_amount"),
    ('{"a":1}', "EUR", None, "bad_amount"),
    ("١٢", "EUR", None, "bad_amount"),
    ("1" * 5000, "EUR", None, "bad_amount"),
]


def amount_columns(keeps_sign=True):
    amount = amount_read(F.col("text"), F.lit(keeps_sign))
    minor = minor_units(amount["number"], units_of(F.col("currency")))
    return {"minor": minor, "code": amount_code(amount, minor)}


@pytest.fixture(scope="module")
def read(spark):
    rows = [(text, currency) for text, currency, _, _ in READ]
    return evaluated(spark, "text string, currency string", rows, amount_columns())


@pytest.mark.parametrize("place", range(len(READ)), ids=[f"{str(case[0])[:20]} {case[1]}" for case in READ])
def test_a_text_becomes_minor_units_or_has_a_code(read, place):
    assert read[place] == {"minor": READ[place][2], "code": READ[place][3]}


def test_where_the_sign_does_not_matter_amounts_are_absolute(spark):
    rows = [("-12.50", "EUR"), ("12.50", "EUR"), ("-1e30", "EUR")]
    found = evaluated(spark, "text string, currency string", rows, amount_columns(keeps_sign=False))
    assert found == [
        {"minor": 1250, "code": None},
        {"minor": 1250, "code": None},
        {"minor": None, "code": "amount_too_large"},
    ]


def test_units_of_every_currency(spark):
    codes = [*EXPONENTS, "XXQ", "eur", "", None]
    found = evaluated(spark, "code string", [(code,) for code in codes], {"units": units_of(F.col("code"))})
    expected = [10 ** EXPONENTS[code] if code in EXPONENTS else None for code in codes]
    assert [row["units"] for row in found] == expected


def test_currencies_are_trimmed_and_upper_case_and_default_to_the_merchants(spark):
    codes = [" eur\n", "EUR", "Jpy", "", "   ", None, "euro"]
    found = evaluated(
        spark, "code string", [(code,) for code in codes], {"currency": currency_of(F.col("code"), F.lit("INR"))}
    )
    assert [row["currency"] for row in found] == ["EUR", "EUR", "JPY", "INR", "INR", "INR", "EURO"]


LINES = [
    # price, quantity, discount, minor units of EUR
    ("10", "2", None, 2000),
    ("10", "2", "1.50", 1850),
    (None, "2", None, 0),
    (None, "2", "1", -100),
    ("0.333", "3", None, 100),
    ("0.335", "1", None, 34),
    ("19.99", "0.333", None, 666),
    ("1e13", "2", None, None),
    ("1e13", "99999999.999", None, None),
    ("0.004", "1", "0.004", 0),
]


def test_a_line_is_rounded_once(spark):
    rows = [(price, Decimal(quantity), discount) for price, quantity, discount, _ in LINES]
    units = units_of(F.lit("EUR"))
    amount = line_amount(number(F.col("price")), F.col("quantity"), number(F.col("discount")), units)
    found = evaluated(spark, "price string, quantity decimal(11,3), discount string", rows, {"amount": amount})
    assert [row["amount"] for row in found] == [case[3] for case in LINES]


DECIMALS = st.decimals(min_value=-(10**14), max_value=10**14, places=5, allow_nan=False)
TEXTS = st.text(alphabet="0123456789.eE+- ,naN", max_size=30)


@seed(20261124)
@settings(max_examples=3, deadline=None)
@given(amounts=st.lists(DECIMALS, min_size=50, max_size=200), noise=st.lists(TEXTS, min_size=50, max_size=200))
def test_any_amount_equals_python_decimals_and_no_text_raises(spark, amounts, noise):
    rows = [(str(amount), currency) for amount in amounts for currency in ("EUR", "JPY", "BHD")]
    found = evaluated(
        spark, "text string, currency string", [*rows, *[(text, "EUR") for text in noise]], amount_columns()
    )
    for (text, currency), row in zip(rows, found, strict=False):
        expected = int(Decimal(text).scaleb(EXPONENTS[currency]).to_integral_value(ROUND_HALF_UP))
        assert row["minor"] == (expected if abs(expected) <= MAX_MINOR else None), text
