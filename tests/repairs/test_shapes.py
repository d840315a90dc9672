"""Lists, properties and messages in another shape."""

import json

import pytest

from repairs.json_text import written
from repairs.rules import repaired_by_rules
from tests.repairs.messages import order, repaired

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
