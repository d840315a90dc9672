"""WooCommerce's webhooks of orders.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/ (order properties, webhooks). It has no topic for "placed",
"cancelled" or "refunded": a delivery holds the whole order, and its status and refunds say what happened. Names, addresses
and notes are not part of a message.
"""

import re
from typing import Any

from collector.adapters.mapped import Call, Mapped, Message, Parts, given, list_or_empty, object_or_empty
from collector.adapters.orders import amount_of, order_message, problem_of_id, text_of, unit_price, with_digest
from collector.adapters.reading import NotJson, value_of
from collector.adapters.unforeseen import each_alone
from collector.splitting import Reject
from contracts.errors import ErrorCode
from contracts.events import Event

VERSION = 2
TOPIC_HEADER, SIGNATURE_HEADER = "x-wc-webhook-topic", "x-wc-webhook-signature"
_LIBRARY = "woocommerce-webhook"
_TOPICS = ("order.created", "order.updated", "order.restored")
_PLACED = ("processing", "on-hold", "completed", "refunded")
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
PENDING_ORDER = "WooCommerce Order Pending"


def is_ping(body: bytes) -> bool:
    """What WooCommerce sends, unsigned, when a webhook is saved; it wants nothing but a 200."""
    return _PING.fullmatch(body) is not None


def read(call: Call) -> Parts | Reject:
    """Nothing comes of other topics."""
    topic = (call.header(TOPIC_HEADER) or "").lower()
    if topic not in _TOPICS or is_ping(call.body):
        return Parts([])
    try:
        order = value_of(call.body)
    except NotJson:
        return Reject(ErrorCode.BAD_JSON, None)
    if not isinstance(order, dict):
        return Reject(ErrorCode.NOT_AN_OBJECT, None)
    return Parts(_mapped(0, call.body, topic, order), topic=topic)


@each_alone
def _mapped(index: int, raw: bytes, topic: str, order: dict[str, Any]) -> list[Mapped]:
    if problem := problem_of_id(order, "id"):
        return [Mapped(index, raw, None, problem)]
    return [Mapped(index, raw, message) for message in _messages(topic, order)]


def _messages(topic: str, order: dict[str, Any]) -> list[Message]:
    """Every delivery of a placed order says that it was placed, too: the copies count once, and none can be missed.

    Whether a cancelled order was placed before only its payment says: the timer that holds stock cancels what nobody paid.
    """
    id_, status = text_of(order.get("id")) or "", order.get("status")
    modified = _time(order, "date_modified")
    if status not in (*_PLACED, "cancelled"):
        pending = {"order_id": id_, "status": status}
        return [
            order_message(PENDING_ORDER, f"woocommerce:pending:{id_}:{modified}", modified, pending, None, _LIBRARY)
        ]
    user, sale = order.get("customer_id"), _sale(id_, order)
    placed = f"woocommerce:order:{id_}"
    made = []
    if status != "cancelled" or _is_paid(order):
        made.append(order_message(Event.ORDER_COMPLETED, placed, _time(order, "date_created"), sale, user, _LIBRARY))
    if topic != "order.created" and status != "cancelled":
        updated = f"woocommerce:updated:{id_}:{modified}"
        made.append(with_digest(order_message(Event.ORDER_UPDATED, updated, modified, sale, user, _LIBRARY)))
    made += [_refund(id_, object_or_empty(one), modified, order) for one in list_or_empty(order.get("refunds"))]
    if status == "cancelled":
        cancelled = f"woocommerce:cancelled:{id_}:{modified}"
        named = {"order_id": id_, "currency": order.get("currency")}
        made.append(order_message(Event.ORDER_CANCELLED, cancelled, modified, named, user, _LIBRARY))
    return made


def _time(order: dict[str, Any], name: str) -> Any:
    """In UTC where it is there; WooCommerce writes no zone."""
    return order.get(f"{name}_gmt", order.get(name))


def _is_paid(order: dict[str, Any]) -> bool:
    return bool(order.get("date_paid_gmt") or order.get("date_paid"))


def _sale(id_: str, order: dict[str, Any]) -> Message:
    coupons = [object_or_empty(coupon).get("code") for coupon in list_or_empty(order.get("coupon_lines"))]
    return {
        "order_id": id_,
        "currency": order.get("currency"),
        "total": order.get("total"),
        "tax": order.get("total_tax"),
        "shipping": order.get("shipping_total"),
        "coupon": coupons[0] if coupons else None,
        "products": [_line(object_or_empty(line)) for line in list_or_empty(order.get("line_items"))],
    }


def _line(line: dict[str, Any]) -> Message:
    """`subtotal` is the line before its discounts, `total` what is left of it; both without tax."""
    quantity, before, after = (amount_of(line.get(name)) for name in ("quantity", "subtotal", "total"))
    price = unit_price(before, quantity) if quantity and before is not None else line.get("price")
    discount = before - after if before is not None and after is not None and before > after else None
    return given(
        {
            "product_id": text_of(line.get("product_id")),
            "sku": line.get("sku"),
            "name": line.get("name"),
            "price": price,
            "quantity": line.get("quantity"),
            "discount": discount,
        }
    )


def _refund(id_: str, refund: dict[str, Any], modified: Any, order: dict[str, Any]) -> Message:
    """A refund has no time of its own here: the first delivery that names it counts."""
    refund_id = text_of(refund.get("id")) or ""
    properties = {
        "order_id": id_,
        "refund_id": refund_id,
        "total": refund.get("total"),
        "currency": order.get("currency"),
    }
    message_id = f"woocommerce:refund:{refund_id}:{modified}"
    return order_message(Event.ORDER_REFUNDED, message_id, modified, properties, None, _LIBRARY)
