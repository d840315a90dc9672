import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairs.json_text import read_value, written
from repairs.shop_rules import Action, BadRule, applied, read_rule

ORDER = {
    "type": "track",
    "event": "Bought",
    "properties": {"order_id": "1", "amount": 5.10, "products": [{"sku": "a", "cost": 1}, {"sku": "b"}]},
}


def done(rule, message=ORDER):
    found = applied(read_rule(rule), read_value(json.dumps(message)))
    return None if found is None else json.loads(written(found))


def test_a_field_is_set():
    found = done({"action": "set_field", "field": "properties.currency", "to": "EUR"})
    assert found == ORDER | {"properties": ORDER["properties"] | {"currency": "EUR"}}


def test_properties_are_made_where_there_are_none_and_never_overwritten():
    rule = {"action": "set_field", "field": "properties.currency", "to": "EUR"}
    assert done(rule, {"type": "page"}) == {"type": "page", "properties": {"currency": "EUR"}}
    assert done(rule, {"type": "page", "properties": [1]}) is None


def test_a_field_is_mapped_in_its_place():
    found = done({"action": "map_field", "field": "properties.amount", "to": "properties.revenue"})
    assert list(found["properties"]) == ["order_id", "revenue", "products"]
    assert found["properties"]["revenue"] == 5.10


def test_a_field_of_every_line_is_mapped():
    rule = {"action": "map_field", "field": "properties.products[].cost", "to": "properties.products[].price"}
    assert done(rule)["properties"]["products"] == [{"sku": "a", "price": 1}, {"sku": "b"}]


def test_a_mapped_field_takes_the_place_of_what_was_wrong():
    message = {"type": "track", "properties": {"revenue": "a lot", "amount": 5}}
    rule = {"action": "map_field", "field": "properties.amount", "to": "properties.revenue"}
    assert done(rule, message)["properties"] == {"revenue": 5}


def test_a_field_of_the_message_is_mapped():
    rule = {"action": "map_field", "field": "properties.label", "to": "event"}
    found = done(rule, {"type": "track", "properties": {"label": "Signed Up"}})
    assert found == {"type": "track", "properties": {"label": "Signed Up"}, "event": "Signed Up"}


def test_an_event_is_mapped_whatever_its_letters():
    rule = {"action": "map_event", "field": " bought ", "to": "Order Completed"}
    assert done(rule)["event"] == "Order Completed"
    assert done(rule, ORDER | {"event": "Sold"}) is None


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "set_field", "field": "properties.order_id", "to": "1"},
        {"action": "map_field", "field": "properties.nothing", "to": "properties.revenue"},
        {"action": "drop"},
    ],
    ids=["as it is", "absent", "drop"],
)
def test_a_rule_that_changes_nothing_makes_no_message(rule):
    assert done(rule) is None
    assert done(rule, [ORDER]) is None


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "action"),
        ({"action": "delete"}, "action"),
        ({"action": "set_field", "to": "x"}, "field"),
        ({"action": "set_field", "field": "messageId", "to": "x"}, "field"),
        ({"action": "set_field", "field": "properties.products[].price", "to": "1"}, "field"),
        ({"action": "set_field", "field": "properties.a.b", "to": "1"}, "field"),
        ({"action": "set_field", "field": "properties.currency", "to": " "}, "to"),
        ({"action": "set_field", "field": "properties.currency", "to": "x" * 201}, "to"),
        ({"action": "set_field", "field": "properties.currency", "to": "a\nb"}, "to"),
        ({"action": "map_field", "field": "context", "to": "properties.a"}, "field"),
        ({"action": "map_field", "field": "properties.a", "to": "properties.a"}, "to"),
        ({"action": "map_field", "field": "properties.a", "to": "properties.products[].a"}, "to"),
        ({"action": "map_field", "field": "properties.a", "to": "receivedAt"}, "to"),
        ({"action": "map_event", "field": "", "to": "Order Completed"}, "field"),
    ],
)
def test_what_is_no_rule_is_refused_and_named(rule, field):
    with pytest.raises(BadRule) as refused:
        read_rule(rule)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


FIELDS = st.sampled_from(
    ["event", "type", "properties.a", "properties.b", "properties.products[].a", "properties.products[].b"]
)
RULES = st.fixed_dictionaries(
    {"action": st.sampled_from(sorted(Action)), "field": FIELDS, "to": FIELDS | st.text(max_size=5)}
)
INNER = (
    st.none() | st.text(max_size=3) | st.integers() | st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2)
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "products"]), INNER | st.lists(INNER, max_size=3), max_size=3)
MESSAGES = st.dictionaries(st.sampled_from(["event", "type", "properties"]), OBJECTS | INNER, max_size=3)


@given(RULES, MESSAGES)
def test_a_rule_that_was_applied_has_nothing_left_to_do(values, message):
    try:
        rule = read_rule(values)
    except BadRule:
        return
    assert read_rule(rule.as_document()) == rule
    once = applied(rule, read_value(json.dumps(message)))
    if once is not None and rule.action is not Action.MAP_FIELD:
        assert applied(rule, once) is None
    if once is not None:
        twice = applied(rule, once)
        assert twice in (None, once)
