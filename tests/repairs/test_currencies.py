"""Currencies by name and sign."""

import pytest

from tests.repairs.messages import order, repaired


@pytest.mark.parametrize(
    ("written_as", "code"),
    [("EURO", "EUR"), (" euro. ", "EUR"), ("€", "EUR"), ("US Dollar", "USD"), ("pound  sterling", "GBP"), ("978", "EUR"),
     (978, "EUR"), ("RMB", "CNY"), ("zł", "PLN"), ("sFr.", "CHF"), ({"code": "eur"}, "EUR"), ("R$", "BRL")],
)  # fmt: skip
def test_currencies(written_as, code):
    found = repaired(order(currency=written_as), "bad_currency", "properties.currency")
    assert found["properties"]["currency"] == code


@pytest.mark.parametrize("unclear", ["dollar", "$", "kr", "krona", "rupee", "franc", "¥", "points", "", "BTC", [], {}])
def test_currencies_that_do_not_decide(unclear):
    assert repaired(order(currency=unclear), "bad_currency", "properties.currency") is None
