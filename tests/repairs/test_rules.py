"""What the built-in rules repair, what they leave to a person, and that they touch nothing else."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import ErrorCode
from repairs.json_text import read_value, written
from repairs.rules import RULES, RULES_VERSION, repaired_by_rules

ORDER = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1", "coupon": "X"}, "extra": [1]}


def repaired(message, code, field):
    """The repaired message as plain JSON, None where no rule decides."""
    found = repaired_by_rules(read_value(json.dumps(message)), code, field)
    return None if found is None else json.loads(written(found.message))


def order(**properties):
    return ORDER | {"properties": ORDER["properties"] | properties}


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


@pytest.mark.parametrize(
    ("written_as", "instant"),
    [
        ("Tue, 24 Nov 2026 14:32:48 GMT", "2026-11-24T14:32:48.000Z"),
        ("Tue, 24 Nov 2026 14:32:48 +0100", "2026-11-24T13:32:48.000Z"),
        ("Tue Nov 24 2026 14:32:48 GMT+0530 (India Standard Time)", "2026-11-24T09:02:48.000Z"),
        ("Tue Nov 24 14:32:48 2026", "2026-11-24T14:32:48.000Z"),
        ("2026/11/24 14:32", "2026-11-24T14:32:00.000Z"),
        ("2026-1-5 3:04", "2026-01-05T03:04:00.000Z"),
        ("20261124T143248Z", "2026-11-24T14:32:48.000Z"),
        ("20261124T143248+0100", "2026-11-24T13:32:48.000Z"),
        ("24.11.2026 14:32:48", "2026-11-24T14:32:48.000Z"),
        ("5.6.2026", "2026-06-05T00:00:00.000Z"),
        ("24/11/2026 14:32", "2026-11-24T14:32:00.000Z"),
        ("11/24/2026, 2:32:48 PM", "2026-11-24T14:32:48.000Z"),
        ("11/24/2026, 12:05 AM", "2026-11-24T00:05:00.000Z"),
        ("5/5/2026", "2026-05-05T00:00:00.000Z"),
        ("24 November 2026 14:32", "2026-11-24T14:32:00.000Z"),
        ("Nov 24, 2026 2:32\u202fPM", "2026-11-24T14:32:00.000Z"),
        ("November 24th, 2026", "2026-11-24T00:00:00.000Z"),
        ("2026-11-24T14:32:48.1234567890123Z", "2026-11-24T14:32:48.123Z"),
        ("/Date(1795530768000)/", "2026-11-24T14:32:48.000Z"),
        (1795530768123456, "2026-11-24T14:32:48.123Z"),
        ("1795530768123456789", "2026-11-24T14:32:48.123Z"),
        ({"$date": "2026-11-24T14:32:48Z"}, "2026-11-24T14:32:48.000Z"),
        ({"seconds": 1795530768, "nanoseconds": 5}, "2026-11-24T14:32:48.000Z"),
    ],
)
@pytest.mark.parametrize("field", ["timestamp", "originalTimestamp"])
def test_times(written_as, instant, field):
    assert repaired({"type": "page", field: written_as}, "bad_time", field) == {"type": "page", field: instant}


@pytest.mark.parametrize(
    "unclear",
    ["5/6/2026", "yesterday", "24.13.2026", "31.2.2026", "2026-11-24T25:00", "Tue, 24 Nov 2026 14:32:48 EST", "14:32",
     "24.11.26", "13/13/2026", "13:32 PM 24.11.2026", "1.1.1969", {"day": 1}, [1], True, "", 17955],
)  # fmt: skip
def test_times_that_do_not_decide(unclear):
    assert repaired({"type": "page", "timestamp": unclear}, "bad_time", "timestamp") is None


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


LINES = [{"product_id": "a", "price": 1}, {"product_id": "b", "price": 2.50}]


@pytest.mark.parametrize(
    "products",
    [json.dumps(LINES), {"0": LINES[0], "1": LINES[1]}, [json.dumps(line) for line in LINES]],
    ids=["text", "numbered", "list of texts"],
)
def test_products_in_another_shape(products):
    found = repaired(order(products=products), "bad_products", "properties.products")
    assert found["properties"]["products"] == LINES


@pytest.mark.parametrize("products", [LINES[0], json.dumps(LINES[0])])
def test_a_single_product_is_a_list_of_one(products):
    found = repaired(order(products=products), "bad_products", "properties.products")
    assert found["properties"]["products"] == LINES[:1]


def test_unpacked_lines_get_their_right_names():
    lines = json.dumps([{"productId": "a", "name": "A"}, {"product_id": "b", "productId": "c"}])
    found = repaired(order(products=lines), "bad_products", "properties.products")
    assert found["properties"]["products"] == [{"product_id": "a", "name": "A"}, {"product_id": "b", "productId": "c"}]


@pytest.mark.parametrize("products", ["two mugs", "[]", [LINES[0], None], ["a"], 7, "[1, {}]", {}])
def test_products_that_are_no_lines(products):
    assert repaired(order(products=products), "bad_products", "properties.products") is None


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"orderId": "7"}, {"order_id": "7"}),
        ({"order-id": "7", "value": 5}, {"order_id": "7", "revenue": 5}),
        ({"value": 5, "revenue": 4, "orderID": 7}, {"value": 5, "revenue": 4, "order_id": 7}),
        ({"order_id": "", "orderId": "7"}, {"order_id": "7"}),
        ({"transaction_id": "7", "id": "other"}, {"order_id": "7", "id": "other"}),
        ({"id": "7"}, {"order_id": "7"}),
        ({"order": {"id": "7", "total": 1}}, {"order": {"id": "7", "total": 1}, "order_id": "7"}),
        ({"orderId": "7", "products": [{"productId": "a"}]}, {"order_id": "7", "products": [{"product_id": "a"}]}),
        ({"orderId": "7", "OrderID": "7"}, {"order_id": "7", "OrderID": "7"}),
    ],
)
def test_order_ids_under_another_name(sent, expected):
    message = {"type": "track", "event": "Order Refunded", "properties": sent}
    found = repaired(message, "no_order_id", "properties.order_id")
    assert found["properties"] == expected
    assert list(found["properties"]) == list(expected)


@pytest.mark.parametrize(
    "sent", [{"orderId": "7", "order-id": "8"}, {"orderId": "null"}, {"orderId": 0}, {"revenue": 1}, {"orderId": {}}]
)
def test_order_ids_that_do_not_decide(sent):
    message = {"type": "track", "event": "Order Refunded", "properties": sent}
    assert repaired(message, "no_order_id", "properties.order_id") is None


@pytest.mark.parametrize(
    "sent",
    [{"eventName": "Signed Up"}, {"name": "Signed Up"}, {"properties": {"event": "Signed Up"}},
     {"event": " ", "event_name": "Signed Up", "properties": {"event_name": "Signed Up "}}],
)  # fmt: skip
def test_events_under_another_name(sent):
    assert repaired({"type": "track"} | sent, "no_event_name", "event")["event"] == "Signed Up"


def test_two_event_names_do_not_decide():
    assert repaired({"type": "track", "eventName": "A", "name": "B"}, "no_event_name", "event") is None


@pytest.mark.parametrize(
    ("sent", "kind"),
    [("Track", "track"), (" PAGE ", "page"), ("page_view", "page"), ("pageview", "page"), ("event", "track")],
)
def test_types_in_other_letters(sent, kind):
    assert repaired({"type": sent, "event": "A"}, "unknown_type", "type") == {"type": kind, "event": "A"}


def test_a_type_that_is_missing_or_unknown():
    assert repaired({"event": "A"}, "unknown_type", "type") == {"event": "A", "type": "track"}
    assert repaired({"name": "A"}, "unknown_type", "type") is None
    assert repaired({"type": "purchase", "event": "A"}, "unknown_type", "type") is None


def test_properties_in_another_shape():
    message = {"type": "page", "properties": '{"path": "/a", "n": 1.50}', "anonymousId": "v"}
    found = repaired_by_rules(message, "bad_properties", "properties")
    assert written(found.message) == '{"type":"page","properties":{"path":"/a","n":1.50},"anonymousId":"v"}'
    assert repaired({"type": "page", "properties": []}, "bad_properties", "properties")["properties"] == {}
    for other in ([1], "words", 7, '"text"'):
        assert repaired({"type": "page", "properties": other}, "bad_properties", "properties") is None


def test_a_message_in_another_shape():
    page = {"type": "page", "properties": {"path": "/a"}}
    assert repaired(json.dumps(page), "not_an_object", None) == page
    assert repaired([page], "not_an_object", None) == page
    for other in ("42", [page, page], 42, None, "[]"):
        assert repaired(other, "not_an_object", None) is None


@pytest.mark.parametrize("code", sorted(set(ErrorCode) - {code for rule in RULES for code in rule.codes}))
def test_other_codes_have_no_rule(code):
    assert repaired(order(orderId="7", revenue="€1,5"), code, "properties.revenue") is None


def test_rules_are_declared_once_and_in_words():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.sentence.endswith(".") and rule.codes for rule in RULES)
    assert RULES_VERSION >= 1


def test_everything_else_stays_as_it_was_written():
    text = (
        '{"z":1.10,"type":"track","properties":{"b":1e400,"revenue":"1.234,50","a":[1,2.0,null,true],"u":"ü","h":"\\ud800"},'
        '"extra":{"deep":[{}]},"a":-0}'
    )
    message = read_value(text)
    before = copy.deepcopy(message)
    found = repaired_by_rules(message, "bad_amount", "properties.revenue")
    assert written(found.message) == text.replace('"1.234,50"', '"1234.50"')
    assert message == before


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=12)
    | st.sampled_from(["€12,50", "1.234,50", "1,234", "12 €", "2 pcs", "24.11.2026", "5/6/2026", "Euro", "orderId", "{}", "[]",
                       '[{"productId":"a","price":"€1"}]', '{"0":{"product_id":"b"}}', "Track", "1795530768123456"])
)  # fmt: skip
NAMES = st.sampled_from(
    ["type", "event", "eventName", "timestamp", "properties", "products", "revenue", "total", "price", "quantity", "currency",
     "order_id", "orderId", "order-id", "id", "value", "productId", "product_id", "order"]
) | st.text(max_size=4)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)
MESSAGES = st.fixed_dictionaries(
    {"properties": st.dictionaries(NAMES, VALUES, max_size=6) | VALUES}, optional={"type": VALUES, "timestamp": VALUES}
) | VALUES  # fmt: skip
FIELDS = st.sampled_from(
    [None, "type", "event", "timestamp", "properties", "properties.revenue", "properties.total", "properties.currency",
     "properties.products[0].price", "properties.quantity", "properties.products", "properties.order_id"]
)  # fmt: skip


@given(MESSAGES, st.sampled_from(sorted(ErrorCode)), FIELDS)
def test_whatever_was_sent_a_repair_is_stable_and_raises_nothing(message, code, field):
    value = read_value(json.dumps(message))
    before = written(value)
    found = repaired_by_rules(value, code, field)
    assert written(value) == before
    if found is not None:
        assert repaired_by_rules(found.message, code, field) is None
        assert read_value(written(found.message)) == found.message


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_json_text_comes_out_as_it_went_in(value):
    assert json.loads(written(read_value(json.dumps(value)))) == value
