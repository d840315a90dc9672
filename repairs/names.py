"""Rules for fields, events and types under another name than Segment's."""

import re
from typing import Any

from contracts.events import MessageType
from repairs.currencies import currency_of
from repairs.json_text import Message
from repairs.places import in_lines, in_properties, renamed, text_of, value_at, with_value

_ORDER_IDS = ("orderid", "ordernumber", "orderno", "transactionid", "id")
"""Folded names of an order's id, in the order of how sure they are."""
_OTHER_NAMES = {"productid": "product_id", "itemid": "product_id", "value": "revenue", "refundid": "refund_id"}
_NO_ID = ("", "null", "undefined", "0")
_EVENT_NAMES = ("eventName", "event_name", "EventName", "Event", "name")
_TYPES = {
    "pageview": MessageType.PAGE,
    "pageviewed": MessageType.PAGE,
    "screenview": MessageType.SCREEN,
    "event": MessageType.TRACK,
    "trackevent": MessageType.TRACK,
} | {str(kind): kind for kind in MessageType}  # fmt: skip


def order_id(message: Message, field: str | None) -> Message | None:
    """The id from a field that says the same; the sender's other names of that style go with it."""
    return in_properties(message, _with_order_id)


def _with_order_id(properties: Message) -> Message | None:
    found = _name_of_order_id(properties)
    if found is None:
        return None
    if found == "order":
        known = properties | {"order_id": value_at(properties, "order.id")}
    else:
        known = renamed(properties, found, "order_id") or properties
    known = _with_other_names(known) or known
    return in_lines(known, line_names) or known


def _name_of_order_id(properties: Message) -> str | None:
    """The field that holds it; None where none does, two of one kind disagree, or the right one does."""
    if _is_id(properties.get("order_id")):
        return None
    for wanted in _ORDER_IDS:
        names = [name for name in properties if _folded(name) == wanted and _is_id(properties[name])]
        values = {text_of(properties[name]) for name in names if name != "order_id"}
        if values:
            return next(name for name in names if name != "order_id") if len(values) == 1 else None
    return "order" if _is_id(value_at(properties, "order.id")) else None


def _is_id(value: Any) -> bool:
    return (text_of(value) or "").lower() not in _NO_ID


def line_names(line: Message) -> Message | None:
    """A product's line with `productId` as `product_id`."""
    return _with_other_names(line, ("product_id",))


def _with_other_names(found: Message, only: tuple[str, ...] = tuple(_OTHER_NAMES.values())) -> Message | None:
    """Fields under their right names, where nothing stands there yet."""
    changed = found
    for name in found:
        right = _OTHER_NAMES.get(_folded(name))
        if right in only and name != right and text_of(changed.get(right)) is None:
            changed = renamed(changed, name, right) or changed
    return None if changed is found else changed


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def event_name(message: Message, field: str | None) -> Message | None:
    """The event from `eventName` and the like, in the message or its properties, where they agree."""
    if text_of(message.get("event")) is not None:
        return None
    places = [*_EVENT_NAMES, "properties.event", "properties.eventName", "properties.event_name"]
    found = {text for place in places if (text := text_of(value_at(message, place))) is not None}
    return with_value(message, "event", found.pop()) if len(found) == 1 else None


def message_type(message: Message, field: str | None) -> Message | None:
    """`Track` as `track`, `pageview` as `page`; without a type, a message with an event is a track message."""
    sent = text_of(message.get("type"))
    if sent is None:
        return with_value(message, "type", str(MessageType.TRACK)) if text_of(message.get("event")) else None
    kind = _TYPES.get(_folded(sent))
    return with_value(message, "type", str(kind)) if kind and kind != message.get("type") else None


def currency_code(message: Message, field: str | None) -> Message | None:
    """`Euro`, `€`, `978` and `{"code": "EUR"}` as `EUR`."""
    sent = value_at(message, "properties.currency")
    text = text_of(value_at(sent, "code") if isinstance(sent, dict) else sent)
    code = currency_of(text) if text else None
    return with_value(message, "properties.currency", code) if code else None
