"""Amounts with separators and signs: what has one reading is repaired, what has two is left to a person."""

import pytest

from tests.repairs.messages import order, repaired


def amount(value, **properties):
    """(amount, currency) of an order's revenue after its repair."""
    found = repaired(order(revenue=value, **properties), "bad_amount", "properties.revenue")
    return found and (found["properties"]["revenue"], found["properties"].get("currency"))


@pytest.mark.parametrize(
    ("written_as", "number"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234\u202f567", "1234567"),
        ("1'234.50", "1234.50"),
        ("1’234’567,5", "1234567.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,34,567.5", "1234567.5"),
        ("12,5", "12.5"),
        ("12,50", "12.50"),
        (" 12,50 ", "12.50"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("12,3456", "12.3456"),
        ("-12,50", "-12.50"),
        ("12.-", "12"),
        ("12,--", "12"),
        ("1.234,-", "1234"),
        ("١٢,٥٠", "12.50"),
    ],
)
def test_separators_with_one_reading(written_as, number):
    assert amount(written_as) == (number, None)


@pytest.mark.parametrize(
    "unclear",
    ["1,234", "12,345", "-1,234", "1,23,45", "1,2345,678", "1.234.56", "1,234.567,8", "12,5,0", "a lot", "", "12k",
     "(12,50)", "12%", "12,", "1 23", "0,123,456", "1'234 567", "12-50", "1e5,5", "--12,5"],
)  # fmt: skip
def test_what_could_be_two_numbers_or_none_is_left_to_a_person(unclear):
    assert amount(unclear) is None


@pytest.mark.parametrize(
    ("written_as", "currency", "expected"),
    [
        ("€12.50", None, ("12.50", "EUR")),
        ("12,50 €", None, ("12.50", "EUR")),
        ("EUR 1.234,50", None, ("1234.50", "EUR")),
        ("12.50 eur", "EUR", ("12.50", "EUR")),
        ("$12.50", "USD", ("12.50", "USD")),
        ("$12.50", "CAD", ("12.50", "CAD")),
        ("US$ 12.50", None, ("12.50", "USD")),
        ("¥1200", "JPY", ("1200", "JPY")),
        ("kr 99,50", "SEK", ("99.50", "SEK")),
        ("Rs. 500", "INR", ("500", "INR")),
        ("Rs.500", "INR", ("500", "INR")),
        ("₹ 12,34,567.50", None, ("1234567.50", "INR")),
        ("49,90 zł", "PLN", ("49.90", "PLN")),
        ("-€5", "EUR", ("-5", "EUR")),
        ("€ -5", "EUR", ("-5", "EUR")),
        ("12,- €", None, ("12", "EUR")),
        ("€12 EUR", None, ("12", "EUR")),
        ("12 €", " eur ", ("12", " eur ")),
    ],
)
def test_a_currency_sign_that_fits(written_as, currency, expected):
    properties = {"currency": currency} if currency else {}
    assert amount(written_as, **properties) == expected


@pytest.mark.parametrize(
    ("written_as", "currency"),
    [("$12.50", None), ("$12.50", "EUR"), ("€12.50", "USD"), ("¥1200", None), ("kr 99", None), ("£12 €", None),
     ("€1,234", "EUR"), ("12 points", None), ("€.50", "EUR"), ("EUR.50", "EUR"), ("€12", "doubloons"), ("12 € 50", "EUR")],
)  # fmt: skip
def test_a_currency_sign_that_does_not_decide(written_as, currency):
    properties = {"currency": currency} if currency else {}
    assert amount(written_as, **properties) is None


def test_all_amounts_of_a_message_are_repaired_at_once():
    lines = [{"product_id": "a", "price": "€1,50"}, {"product_id": "b", "price": "2,50 €", "discount": 1}, {"price": 3}]
    found = repaired(order(total="€4,00", products=lines), "bad_amount", "properties.total")
    assert found["properties"]["total"] == "4.00"
    assert [line["price"] for line in found["properties"]["products"]] == ["1.50", "2.50", 3]
    assert found["properties"]["products"][1] == {"product_id": "b", "price": "2.50", "discount": 1}


def test_signs_of_two_currencies_in_one_message_do_not_decide():
    lines = [{"product_id": "a", "price": "£1,50"}]
    assert repaired(order(total="€4,00", products=lines), "bad_amount", "properties.total") is None


def test_the_field_in_question_must_be_repaired():
    assert repaired(order(total="a lot", tax="1,50"), "bad_amount", "properties.total") is None
    assert repaired(order(total=4), "bad_amount", None) is None


@pytest.mark.parametrize(
    ("written_as", "number"),
    [("2 pcs", "2"), ("2x", "2"), ("x 2", "2"), ("1,5", "1.5"), ("3 Stück", "3"), ("1 000 units", "1000")],
)
def test_quantities(written_as, number):
    message = order(products=[{"product_id": "a", "quantity": written_as}])
    found = repaired(message, "bad_quantity", "properties.products[0].quantity")
    assert found["properties"]["products"][0]["quantity"] == number


@pytest.mark.parametrize("unclear", ["few", "1,000", "2 or 3", "two", "2 m"])
def test_quantities_that_do_not_decide(unclear):
    message = order(products=[{"product_id": "a", "quantity": unclear}])
    assert repaired(message, "bad_quantity", "properties.products[0].quantity") is None
