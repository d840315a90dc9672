"""GA4's events as messages of ours, whichever way they came.

Sources: Google's "Recommended events" and "Ecommerce" of Google Analytics 4. There `value` is the goods without tax and
shipping, and an item's `price` is what is left of it after its `discount`.
"""

from typing import Any

from collector.adapters.mapped import Message, given, one_a_product, renamed
from contracts.events import ORDER_EVENTS, MessageType, canonical_name

_PROPERTIES = {
    "transaction_id": "order_id",
    "search_term": "query",
    "page_location": "url",
    "page_title": "title",
    "page_referrer": "referrer",
    "item_list_id": "list_id",
    "item_list_name": "list_name",
}
_PRODUCT = {
    "item_id": "product_id",
    "item_name": "name",
    "item_brand": "brand",
    "item_category": "category",
    "item_variant": "variant",
    "discount": "unit_discount",
}
_OF_NO_USE = ("items", "user_data", "user_properties")


def messages_of(name: Any, parameters: dict[str, Any], rest: Message) -> list[Message]:
    """Usually one; `rest` holds ids, time and context."""
    properties = renamed({key: value for key, value in parameters.items() if key not in _OF_NO_USE}, _PROPERTIES)
    if name == "page_view":
        return [_named(MessageType.PAGE, parameters.get("page_title"), properties, rest)]
    if name == "screen_view":
        screen = parameters.get("screen_name", parameters.get("firebase_screen"))
        return [_named(MessageType.SCREEN, screen, properties, rest)]
    if isinstance(name, str) and canonical_name(name) in ORDER_EVENTS:
        properties = renamed(properties, {"value": "revenue"})
    if "items" in parameters:
        properties["products"] = _products(parameters["items"])
    track = {"type": str(MessageType.TRACK), "event": name, **rest, "properties": properties}
    return one_a_product(given(track))


def _named(kind: MessageType, name: Any, properties: Message, rest: Message) -> Message:
    return given({"type": str(kind), "name": name, **rest, "properties": properties})


def _products(items: Any) -> Any:
    """What is no list of items stays as it is, and is rejected where an order needs one."""
    if not isinstance(items, list):
        return items
    return [renamed(item, _PRODUCT) if isinstance(item, dict) else item for item in items]
