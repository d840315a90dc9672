"""Shopify's webhooks of orders and refunds.

Source: https://shopify.dev/docs/api/admin-rest/latest/resources/order and …/refund. Amounts are in the shop's currency. Where
`taxes_included`, prices and shipping hold their tax, which is taken out: goods are counted before tax. Names, addresses
and notes are not part of a message.
"""

from decimal import Decimal
from typing import Any

from collector.adapters.mapped import Call, Mapped, Message, Parts, given, list_or_empty, object_or_empty
from collector.adapters.orders import amount_of, order_message, problem_of_id, sum_of, text_of, unit_price, with_digest
from collector.adapters.reading import NotJson, value_of
from collector.adapters.unforeseen import each_alone
from collector.splitting import Reject
from contracts.errors import ErrorCode
from contracts.events import Event

VERSION = 2
TOPIC_HEADER, SIGNATURE_HEADER = "x-shopify-topic", "x-shopify-hmac-sha256"
_LIBRARY = "shopify-webhook"
_EVENTS: dict[str, Event] = {
    "orders/create": Event.ORDER_COMPLETED,
    "orders/paid": Event.ORDER_COMPLETED,
    "orders/updated": Event.ORDER_UPDATED,
    "orders/cancelled": Event.ORDER_CANCELLED,
    "refunds/create": Event.ORDER_REFUNDED,
}
_NOT_PAID = ("failure", "error")
TEST_ORDER = "Shopify Test Order"


def read(call: Call) -> Parts | Reject:
    """Nothing comes of other topics."""
    topic = (call.header(TOPIC_HEADER) or "").lower()
    event = _EVENTS.get(topic)
    if event is None:
        return Parts([])
    try:
        found = value_of(call.body)
    except NotJson:
        return Reject(ErrorCode.BAD_JSON, None)
    if not isinstance(found, dict):
        return Reject(ErrorCode.NOT_AN_OBJECT, None)
    return Parts(_mapped(0, call.body, event, found), topic=topic)


@each_alone
def _mapped(index: int, raw: bytes, event: Event, found: dict[str, Any]) -> list[Mapped]:
    is_refund = event is Event.ORDER_REFUNDED
    if problem := problem_of_id(found, "order_id" if is_refund else "id"):
        return [Mapped(index, raw, None, problem)]
    return [Mapped(index, raw, _refund(found) if is_refund else _order(event, found))]


def _order(event: Event, order: dict[str, Any]) -> Message:
    id_, updated = text_of(order.get("id")) or "", order.get("updated_at")
    user = object_or_empty(order.get("customer")).get("id")
    # created and paid say the same thing, and count once
    message_id, time = f"shopify:order:{id_}", order.get("created_at")
    properties = {"order_id": id_, "currency": order.get("currency")}
    if event is Event.ORDER_UPDATED:
        message_id, time = f"shopify:updated:{id_}:{updated}", updated
    if event is Event.ORDER_CANCELLED:
        message_id, time = f"shopify:cancelled:{id_}", order.get("cancelled_at") or updated
    else:
        properties |= _amounts(order) | {"products": [_line(line, order) for line in _lines(order)]}
    name = TEST_ORDER if order.get("test") is True else event
    message = order_message(name, message_id, time, properties, user, _LIBRARY)
    return with_digest(message) if event is Event.ORDER_UPDATED else message


def _amounts(order: dict[str, Any]) -> Message:
    codes = [object_or_empty(code).get("code") for code in list_or_empty(order.get("discount_codes"))]
    return {
        "total": order.get("total_price"),
        "tax": order.get("total_tax"),
        "shipping": _shipping(order),
        "discount": _discount(order),
        "coupon": codes[0] if codes else None,
    }


def _discount(order: dict[str, Any]) -> Any:
    """Of the goods as a whole: what a line got stands with the line, and what shipping got is no part of its price."""
    if _discounts_of_lines(order):
        return None
    whole = amount_of(order.get("total_discounts"))
    if whole is None:
        return order.get("total_discounts")
    of_goods = whole - sum(_discount_of_shipping(line) for line in _shipping_lines(order))
    return of_goods if of_goods > 0 else None


def _shipping(order: dict[str, Any]) -> Any:
    lines = _shipping_lines(order)
    whole = sum_of([_shipping_price(line) for line in lines])
    if not lines:
        return object_or_empty(object_or_empty(order.get("total_shipping_price_set")).get("shop_money")).get(
            "amount", "0"
        )
    return whole - sum(_included_tax(line, order) for line in lines) if isinstance(whole, Decimal) else whole


def _shipping_lines(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [object_or_empty(line) for line in list_or_empty(order.get("shipping_lines"))]


def _shipping_price(line: dict[str, Any]) -> Any:
    """What is left after its discounts: `discounted_price` may be missing, or hold no codes, which are allocated."""
    price, left = line.get("price"), line.get("discounted_price")
    stated = price if left is None else left
    before, after = amount_of(price), amount_of(stated)
    if before is None or after is None:
        return stated
    return min(after, max(before - _allocated(line), Decimal(0)))


def _discount_of_shipping(line: dict[str, Any]) -> Decimal:
    before, after = amount_of(line.get("price")), amount_of(_shipping_price(line))
    return before - after if before is not None and after is not None else Decimal(0)


def _allocated(line: dict[str, Any]) -> Decimal:
    amounts = [object_or_empty(one).get("amount") for one in list_or_empty(line.get("discount_allocations"))]
    total = sum_of(amounts)
    return total if isinstance(total, Decimal) else Decimal(0)


def _discounts_of_lines(order: dict[str, Any]) -> bool:
    return any(list_or_empty(line.get("discount_allocations")) for line in _lines(order))


def _lines(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [object_or_empty(line) for line in list_or_empty(order.get("line_items"))]


def _line(line: dict[str, Any], order: dict[str, Any]) -> Message:
    allocations = [object_or_empty(one).get("amount") for one in list_or_empty(line.get("discount_allocations"))]
    return given(
        {
            **_product(line),
            "price": _price(line, order),
            "quantity": line.get("quantity"),
            "discount": sum_of(allocations),
        }
    )


def _product(line: dict[str, Any]) -> Message:
    return {
        "product_id": text_of(line.get("product_id")),
        "sku": line.get("sku"),
        "name": line.get("title"),
        "variant": line.get("variant_title"),
        "brand": line.get("vendor"),
    }


def _price(line: dict[str, Any], order: dict[str, Any]) -> Any:
    price, quantity = amount_of(line.get("price")), amount_of(line.get("quantity"))
    tax = _included_tax(line, order)
    if price is None or not quantity or not tax:
        return line.get("price")
    return unit_price(price * quantity - tax, quantity)


def _included_tax(line: dict[str, Any], order: dict[str, Any]) -> Decimal:
    """What of a line's price is tax; 0 where it comes on top."""
    if order.get("taxes_included") is not True:
        return Decimal(0)
    taxes = [object_or_empty(tax).get("price") for tax in list_or_empty(line.get("tax_lines"))]
    total = sum_of(taxes)
    return total if isinstance(total, Decimal) else Decimal(0)


def _refund(refund: dict[str, Any]) -> Message:
    """What was paid back, or is about to be: a refund is told once. Of it the goods are the share that they have in the order."""
    transactions = [object_or_empty(one) for one in list_or_empty(refund.get("transactions"))]
    refunds = [one for one in transactions if one.get("kind") == "refund"]
    paid = [one.get("amount") for one in refunds if one.get("status") not in _NOT_PAID]
    id_ = text_of(refund.get("id")) or ""
    properties = {
        "order_id": text_of(refund.get("order_id")),
        "refund_id": id_,
        "total": sum_of(paid) if paid else "0",
        "currency": transactions[0].get("currency") if transactions else None,
        "products": [_refunded(object_or_empty(one)) for one in list_or_empty(refund.get("refund_line_items"))],
    }
    time = refund.get("processed_at") or refund.get("created_at")
    return order_message(Event.ORDER_REFUNDED, f"shopify:refund:{id_}", time, properties, None, _LIBRARY)


def _refunded(item: dict[str, Any]) -> Message:
    quantity, subtotal = amount_of(item.get("quantity")), amount_of(item.get("subtotal"))
    price = unit_price(subtotal, quantity) if quantity and subtotal is not None else None
    return given({**_product(object_or_empty(item.get("line_item"))), "price": price, "quantity": item.get("quantity")})
