"""Messages of orders from a shop's own server, and the arithmetic of their amounts: decimals, never floats."""

from decimal import Decimal, InvalidOperation
from typing import Any

from collector.adapters.mapped import Message, given, id_of
from collector.adapters.reading import written
from collector.splitting import Reject
from contracts.errors import ErrorCode
from contracts.events import Event, MessageType

_PLACES = Decimal(10) ** -9
_MOST_DIGITS = 20


def order_message(event: Event | str, message_id: str, time: Any, order: Message, user: Any, library: str) -> Message:
    """`order` holds the properties."""
    return given(
        {
            "type": str(MessageType.TRACK),
            "event": str(event),
            "messageId": message_id,
            "timestamp": time,
            "userId": text_of(user),
            "context": {"library": {"name": library}},
            "properties": given(order),
        }
    )


def with_digest(message: Message) -> Message:
    """Its id tells apart what a platform says twice in one second; the same content again is a copy."""
    return message | {"messageId": id_of(message["messageId"], written(message))}


def amount_of(value: Any) -> Decimal | None:
    """None for what is no plain amount: such a text travels on as it is, and is rejected with its field."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _MOST_DIGITS else None


def sum_of(values: list[Any]) -> Any:
    """None where there is nothing to add up; of what is no amount the first, which is rejected with its field."""
    total = Decimal(0)
    for value in values:
        amount = amount_of(value)
        if amount is None:
            return value
        total += amount
    return total if values else None


def unit_price(whole: Decimal, quantity: Decimal) -> Decimal | None:
    """Of one, to nine places, so that the line comes out as it was; None where that is no price."""
    try:
        return (whole / quantity).quantize(_PLACES)
    except InvalidOperation:
        return None


def text_of(value: Any) -> str | None:
    """An id as text; None for what platforms write for nobody."""
    return None if value in (None, "", 0, "0") or isinstance(value, bool | dict | list) else str(value)


def problem_of_id(body: dict[str, Any], field: str) -> Reject | None:
    """What names no order cannot be put to one."""
    return Reject(ErrorCode.NO_ORDER_ID, field) if text_of(body.get(field)) is None else None
