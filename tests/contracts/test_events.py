"""The table of event names: Segment's, its first version's and GA4's."""

import pytest

from contracts.events import (
    CANONICAL_NAMES,
    ORDER_EVENTS,
    SERVER_KEY_EVENTS,
    Event,
    canonical_name,
    folded_name,
)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Order Completed", "Order Completed"),
        (" order   completed ", "Order Completed"),
        ("ORDER_COMPLETED", "Order Completed"),
        ("Completed Order", "Order Completed"),
        ("purchase", "Order Completed"),
        ("Order Canceled", "Order Cancelled"),
        ("refund", "Order Refunded"),
        ("view_item", "Product Viewed"),
        ("Viewed Product", "Product Viewed"),
        ("add_to_cart", "Product Added"),
        ("remove from\tcart", "Product Removed"),
        ("begin_checkout", "Checkout Started"),
        ("add_payment_info", "Payment Info Entered"),
        ("view_item_list", "Product List Viewed"),
        ("view_search_results", "Products Searched"),
        ("Tea Tasted ", "Tea Tasted"),
        ("order-completed", "order-completed"),
        ("", ""),
    ],
)
def test_names(name, canonical):
    assert canonical_name(name) == canonical


def test_every_canonical_name_is_its_own():
    assert {event: canonical_name(event) for event in Event} == {event: str(event) for event in Event}


def test_the_table_is_keyed_by_folded_names_and_leads_to_events():
    assert all(folded_name(name) == name for name in CANONICAL_NAMES)
    assert set(CANONICAL_NAMES.values()) == set(Event)


def test_order_events_are_those_that_begin_with_order():
    assert set(ORDER_EVENTS) == {event for event in Event if event.startswith("Order ")}
    assert set(SERVER_KEY_EVENTS) == set(ORDER_EVENTS) - {Event.ORDER_COMPLETED}
