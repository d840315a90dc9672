"""Currencies and amounts as text."""

import pytest

from contracts.money import EXPONENTS, decimal_text, exponent


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50"),
        (5, "EUR", "0.05"),
        (0, "EUR", "0.00"),
        (-1250, "EUR", "-12.50"),
        (-5, "EUR", "-0.05"),
        (1250, "JPY", "1250"),
        (0, "JPY", "0"),
        (1250, "BHD", "1.250"),
        (1, "BHD", "0.001"),
        (10**15, "EUR", "10000000000000.00"),
    ],
)
def test_amounts_as_text(minor, currency, text):
    assert decimal_text(minor, currency) == text


def test_a_currency_that_is_none():
    with pytest.raises(KeyError):
        exponent("XXQ")


def test_every_code_stands_once_and_has_three_letters():
    assert len(EXPONENTS) > 150
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert {exponent(code) for code in EXPONENTS} == {0, 2, 3}
    assert [exponent(code) for code in ("EUR", "INR", "USD", "JPY", "KWD", "CLP", "UYI")] == [2, 2, 2, 0, 3, 0, 0]
