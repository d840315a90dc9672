"""All rules together: they are declared once, touch nothing else, and a repaired message needs no repair."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import ErrorCode
from repairs.json_text import read_value, written
from repairs.rules import RULES, RULES_VERSION, repaired_by_rules
from tests.repairs.messages import order, repaired


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
