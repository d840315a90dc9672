"""Snowplow's e-commerce actions: the event says what was done, its entities with what.

Source: https://docs.snowplow.io/docs/events/ootb-data/ecommerce-events/
"""

import re
from typing import Any, NamedTuple

from collector.adapters.mapped import Message, renamed
from contracts.events import Event

_SCHEMA = re.compile(r"iglu:([^/]+)/([^/]+)/jsonschema/[^/]+")
_VENDOR, _ACTION = "com.snowplowanalytics.snowplow.ecommerce", "snowplow_ecommerce_action"
_EVENTS: dict[str, Event] = {
    "product_view": Event.PRODUCT_VIEWED,
    "list_view": Event.PRODUCT_LIST_VIEWED,
    "list_click": Event.PRODUCT_CLICKED,
    "add_to_cart": Event.PRODUCT_ADDED,
    "remove_from_cart": Event.PRODUCT_REMOVED,
    "checkout_step": Event.CHECKOUT_STEP_COMPLETED,
    "transaction": Event.ORDER_COMPLETED,
    "refund": Event.ORDER_REFUNDED,
    "promo_view": Event.PROMOTION_VIEWED,
    "promo_click": Event.PROMOTION_CLICKED,
}
_PRODUCT = {"id": "product_id"}
_FIELDS: dict[str, dict[str, str]] = {
    "transaction": {
        "transaction_id": "order_id",
        "revenue": "total",
        "discount_amount": "discount",
        "discount_code": "coupon",
    },
    "refund": {"transaction_id": "order_id", "refund_amount": "total", "refund_reason": "reason"},
    "promotion": {"id": "promotion_id", "name": "promotion_name"},
    "cart": {"cart_id": "cart_id", "total_value": "value"},
    "checkout_step": {},
}
_PERSONAL = ("billing_full_address", "shipping_full_address", "billing_postcode", "shipping_postcode")


class Entity(NamedTuple):
    name: str
    data: dict[str, Any]


def schema_name(schema: Any) -> str | None:
    """`link_click` of `iglu:com.acme/link_click/jsonschema/1-0-0`."""
    found = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    return found[2] if found else None


def is_commerce(schema: Any) -> bool:
    found = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    return bool(found and found.groups() == (_VENDOR, _ACTION))


def commerce_event(action: dict[str, Any], entities: list[Entity]) -> tuple[Any, Message]:
    """Name and properties; an action that has no like with us keeps its own name."""
    kind = action.get("type")
    properties: Message = {"list_name": action.get("name")}
    for entity in entities:
        if entity.name in _FIELDS:
            own = {name: value for name, value in entity.data.items() if name not in _PERSONAL}
            properties |= renamed(own, _FIELDS[entity.name])
    products = [renamed(entity.data, _PRODUCT) for entity in entities if entity.name == "product"]
    if products:
        properties["products"] = products
        currencies = {code if isinstance(code := product.get("currency"), str) else None for product in products}
        if "currency" not in properties and len(currencies) == 1:
            properties["currency"] = currencies.pop()
    return _EVENTS.get(str(kind), kind), properties
