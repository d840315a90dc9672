"""Event names: Segment's ecommerce spec, its V1 aliases and GA4's names, mapped to one canonical name each.

Sources: Segment "Ecommerce Events" and "Spec V1 to V2", GA4 "Recommended events".
"""

from enum import StrEnum


class MessageType(StrEnum):
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    IDENTIFY = "identify"
    GROUP = "group"
    ALIAS = "alias"


class Event(StrEnum):
    PRODUCTS_SEARCHED = "Products Searched"
    PRODUCT_LIST_VIEWED = "Product List Viewed"
    PRODUCT_LIST_FILTERED = "Product List Filtered"
    PROMOTION_VIEWED = "Promotion Viewed"
    PROMOTION_CLICKED = "Promotion Clicked"
    PRODUCT_CLICKED = "Product Clicked"
    PRODUCT_VIEWED = "Product Viewed"
    PRODUCT_ADDED = "Product Added"
    PRODUCT_REMOVED = "Product Removed"
    CART_VIEWED = "Cart Viewed"
    CART_SHARED = "Cart Shared"
    CHECKOUT_STARTED = "Checkout Started"
    CHECKOUT_STEP_VIEWED = "Checkout Step Viewed"
    CHECKOUT_STEP_COMPLETED = "Checkout Step Completed"
    PAYMENT_INFO_ENTERED = "Payment Info Entered"
    ORDER_COMPLETED = "Order Completed"
    ORDER_UPDATED = "Order Updated"
    ORDER_REFUNDED = "Order Refunded"
    ORDER_CANCELLED = "Order Cancelled"
    COUPON_ENTERED = "Coupon Entered"
    COUPON_APPLIED = "Coupon Applied"
    COUPON_DENIED = "Coupon Denied"
    COUPON_REMOVED = "Coupon Removed"


ORDER_EVENTS = (Event.ORDER_COMPLETED, Event.ORDER_UPDATED, Event.ORDER_REFUNDED, Event.ORDER_CANCELLED)
SERVER_KEY_EVENTS = (Event.ORDER_UPDATED, Event.ORDER_REFUNDED, Event.ORDER_CANCELLED)
PRODUCT_EVENTS = (Event.PRODUCT_VIEWED, Event.PRODUCT_ADDED, Event.PRODUCT_REMOVED)

_ALIASES: dict[str, Event] = {
    # Segment V1
    "viewed product category": Event.PRODUCT_LIST_VIEWED,
    "viewed product list": Event.PRODUCT_LIST_VIEWED,
    "filtered product list": Event.PRODUCT_LIST_FILTERED,
    "viewed promotion": Event.PROMOTION_VIEWED,
    "clicked promotion": Event.PROMOTION_CLICKED,
    "clicked product": Event.PRODUCT_CLICKED,
    "viewed product": Event.PRODUCT_VIEWED,
    "added product": Event.PRODUCT_ADDED,
    "removed product": Event.PRODUCT_REMOVED,
    "viewed cart": Event.CART_VIEWED,
    "shared cart": Event.CART_SHARED,
    "started checkout": Event.CHECKOUT_STARTED,
    "viewed checkout step": Event.CHECKOUT_STEP_VIEWED,
    "completed checkout step": Event.CHECKOUT_STEP_COMPLETED,
    "entered payment info": Event.PAYMENT_INFO_ENTERED,
    "completed order": Event.ORDER_COMPLETED,
    "updated order": Event.ORDER_UPDATED,
    "refunded order": Event.ORDER_REFUNDED,
    "cancelled order": Event.ORDER_CANCELLED,
    "order canceled": Event.ORDER_CANCELLED,
    "searched products": Event.PRODUCTS_SEARCHED,
    # GA4
    "view item": Event.PRODUCT_VIEWED,
    "view item list": Event.PRODUCT_LIST_VIEWED,
    "select item": Event.PRODUCT_CLICKED,
    "add to cart": Event.PRODUCT_ADDED,
    "remove from cart": Event.PRODUCT_REMOVED,
    "view cart": Event.CART_VIEWED,
    "begin checkout": Event.CHECKOUT_STARTED,
    "add shipping info": Event.CHECKOUT_STEP_COMPLETED,
    "add payment info": Event.PAYMENT_INFO_ENTERED,
    "purchase": Event.ORDER_COMPLETED,
    "refund": Event.ORDER_REFUNDED,
    "view promotion": Event.PROMOTION_VIEWED,
    "select promotion": Event.PROMOTION_CLICKED,
    "search": Event.PRODUCTS_SEARCHED,
    "view search results": Event.PRODUCTS_SEARCHED,
}

NAMES_VERSION = 1
CANONICAL_NAMES: dict[str, str] = {event.lower(): str(event) for event in Event} | {
    alias: str(event) for alias, event in _ALIASES.items()
}
"""Folded name (trimmed, lower case, `_` and runs of spaces as one space) to canonical name."""


def folded_name(name: str) -> str:
    """The form in which names are compared."""
    return " ".join(name.replace("_", " ").lower().split())


def canonical_name(name: str) -> str:
    """The canonical name, or the trimmed name itself for a custom event."""
    return CANONICAL_NAMES.get(folded_name(name), name.strip())
