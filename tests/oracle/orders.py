"""What an order adds to which instant: its messages, read and folded."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.oracle.money import DIGITS, BadAmount, minor, number, rounded, shared_out

AMOUNTS = ("total", "revenue", "subtotal", "tax", "shipping", "discount")
NO_ID = {"", "null", "undefined", "0"}
SALE_SIDE = ("Order Completed", "Order Updated")


@dataclass
class OrderLine:
    product: str | None
    milli: int
    amount: int
    discount: int
    has_price: bool


@dataclass
class OrderEvent:
    name: str
    order_id: str
    currency: str
    amounts: dict[str, int]
    lines: list[OrderLine] | None
    refund_id: str | None
    time: datetime = field(init=False)


@dataclass
class Posting:
    kind: str
    time: datetime
    currency: str
    goods: int
    shares: list[tuple[str | None, int, int]]
    """(product, quantity in thousandths, goods value)"""
    discount: int = 0
    shipping: int = 0
    tax: int = 0
    notes: dict[str, int] = field(default_factory=dict)


def read_order_event(name: str, properties: dict[str, Any], order_id: str, default_currency: str) -> OrderEvent:
    """Raises BadAmount with the code that the message deserves."""
    currency = str(properties.get("currency") or default_currency).strip().upper()
    if currency not in DIGITS:
        raise BadAmount("bad_currency")
    may_be_negative = name not in SALE_SIDE
    amounts = {}
    for key in AMOUNTS:
        value = number(properties.get(key))
        if value is not None:
            amounts[key] = minor(_positive(value, may_be_negative or key == "discount"), currency)
    refund_id = properties.get("refund_id")
    return OrderEvent(name, order_id, currency, amounts, _lines(name, properties, currency), refund_id)


def _positive(value: Decimal, is_absolute: bool) -> Decimal:
    if value < 0 and not is_absolute:
        raise BadAmount("negative_amount")
    return abs(value)


def _lines(name: str, properties: dict[str, Any], currency: str) -> list[OrderLine] | None:
    products = properties.get("products")
    if products is None:
        return [_line(name, properties, currency)] if properties.get("product_id") else None
    if not isinstance(products, list) or not all(isinstance(product, dict) for product in products):
        raise BadAmount("bad_products")
    return [_line(name, product, currency) for product in products]


def _line(name: str, product: dict[str, Any], currency: str) -> OrderLine:
    is_absolute = name not in SALE_SIDE
    quantity = number(product.get("quantity"), "bad_quantity")
    milli = 1000 if quantity is None else rounded(_positive(quantity, is_absolute) * 1000)
    price = number(product.get("price"))
    discount = abs(number(product.get("discount")) or Decimal(0))
    amount = minor(_positive(price or Decimal(0), is_absolute) * milli / 1000 - discount, currency)
    key = product.get("product_id") or product.get("sku") or product.get("id")
    key = None if key is None else str(key)
    return OrderLine(key, milli, amount, minor(discount, currency), price is not None)


def goods_of_sale(amounts: dict[str, int], lines: list[OrderLine] | None) -> tuple[int, int]:
    """(goods value, 1 if the ways to compute it disagree)."""
    ways = []
    if {"total", "tax", "shipping"} <= amounts.keys():
        ways.append(amounts["total"] - amounts["tax"] - amounts["shipping"])
    ways += [amounts[key] for key in ("revenue", "subtotal") if key in amounts]
    if ways:
        return ways[0], int(max(ways) - min(ways) > 1)
    if "total" in amounts:
        return amounts["total"] - amounts.get("tax", 0) - amounts.get("shipping", 0), 0
    return sum(line.amount for line in lines or []) - amounts.get("discount", 0), 0


def fold(events: list[OrderEvent]) -> list[Posting]:
    """The postings of one order from its events in their order of time."""
    completed = [event for event in events if event.name == "Order Completed"]
    if not completed:
        return _without_order(events)
    sale_side = completed[0]
    amounts, lines = sale_side.amounts, sale_side.lines
    for update in [event for event in events if event.name == "Order Updated"][-1:]:
        amounts, lines = update.amounts or amounts, lines if update.lines is None else update.lines
    sale = _sale(sale_side, amounts, lines, len(completed) - 1)
    return [sale, *_takings_back(events, sale, amounts)]


def _sale(home: OrderEvent, amounts: dict[str, int], lines: list[OrderLine] | None, repeated: int) -> Posting:
    goods, disagree = goods_of_sale(amounts, lines)
    lines = lines or []
    weights = [max(line.amount, 0) for line in lines]
    parts = shared_out(min(amounts.get("discount", 0), sum(weights)), weights)
    shares = [(line.product, line.milli, line.amount - part) for line, part in zip(lines, parts, strict=True)]
    notes = {
        "amounts_disagree": disagree,
        "order_repeated": repeated,
        "order_without_id": int(home.order_id in NO_ID),
        "price_missing": sum(not line.has_price for line in lines),
    }
    return Posting(
        "sale",
        home.time,
        home.currency,
        goods,
        shares,
        discount=amounts.get("discount", 0) + sum(line.discount for line in lines),
        shipping=amounts.get("shipping", 0),
        tax=amounts.get("tax", 0),
        notes=notes,
    )


def _takings_back(events: list[OrderEvent], sale: Posting, amounts: dict[str, int]) -> list[Posting]:
    left, is_cancelled, refunds, postings = max(sale.goods, 0), False, set(), []
    for event in events:
        time = max(event.time, sale.time)
        if event.name == "Order Cancelled" and not is_cancelled:
            is_cancelled = True
            postings.append(_taken_back("cancellation", time, sale, left, None, 0))
            left = 0
        if event.name == "Order Refunded" and (event.refund_id or id(event)) not in refunds:
            refunds.add(event.refund_id or id(event))
            asked = _refund_goods(event, sale, amounts, left)
            given = 0 if is_cancelled else min(asked, left)
            over = int(asked > given and not is_cancelled)
            postings.append(_taken_back("refund", time, sale, given, event.lines, over))
            left -= given
    return postings


def _refund_goods(event: OrderEvent, sale: Posting, of_order: dict[str, int], left: int) -> int:
    own = event.amounts
    if "revenue" in own:
        return own["revenue"]
    if {"total", "tax", "shipping"} <= own.keys():
        return max(own["total"] - own["tax"] - own["shipping"], 0)
    if "total" in own:
        whole = of_order.get("total", sale.goods + sale.tax + sale.shipping)
        return left if own["total"] >= whole else rounded(Decimal(own["total"]) * max(sale.goods, 0) / whole)
    return max(sum(line.amount for line in event.lines), 0) if event.lines else left


def _taken_back(
    kind: str, time: datetime, sale: Posting, goods: int, lines: list[OrderLine] | None, over: int
) -> Posting:
    if lines and sum(line.amount for line in lines) > 0:
        keys, weights = [line.product for line in lines], [line.amount for line in lines]
    else:
        keys, weights = [key for key, _, _ in sale.shares], [max(value, 0) for _, _, value in sale.shares]
    parts = shared_out(min(goods, sum(weights)), weights)
    shares = [(key, 0, part) for key, part in zip(keys, parts, strict=True)]
    return Posting(kind, time, sale.currency, goods, shares, notes={"refund_over": over})


def _without_order(events: list[OrderEvent]) -> list[Posting]:
    postings, refunds = [], set()
    for event in events:
        goods = _own_goods(event)
        if event.name != "Order Refunded" or goods is None or (event.refund_id or id(event)) in refunds:
            continue
        refunds.add(event.refund_id or id(event))
        lines = event.lines or []
        weights = [line.amount for line in lines]
        parts = shared_out(min(goods, sum(weights)), weights)
        shares = [(line.product, 0, part) for line, part in zip(lines, parts, strict=True)]
        postings.append(Posting("refund", event.time, event.currency, goods, shares, notes={"refund_unmatched": 1}))
    return postings


def _own_goods(event: OrderEvent) -> int | None:
    """The goods that a refund names by itself."""
    own = event.amounts
    if "revenue" in own:
        return own["revenue"]
    if {"total", "tax", "shipping"} <= own.keys():
        return max(own["total"] - own["tax"] - own["shipping"], 0)
    if "total" in own:
        return own["total"]
    return max(sum(line.amount for line in event.lines), 0) if event.lines else None
