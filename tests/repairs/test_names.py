"""Fields, events and types under another name."""

import pytest

from tests.repairs.messages import repaired


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
