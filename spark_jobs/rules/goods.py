"""Goods value of a sale and of a refund: after discounts, before tax and shipping; in minor units of one currency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from spark_jobs.rules.exchange import round_half_up, spread


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the client sent; None where it sent nothing."""

    total: int | None = None
    revenue: int | None = None
    subtotal: int | None = None
    tax: int | None = None
    shipping: int | None = None
    discount: int | None = None

    @property
    def has_any(self) -> bool:
        return any(amount is not None for amount in self._all())

    def each(self, change: Callable[[int], int]) -> "Amounts":
        return Amounts(*(None if amount is None else change(amount) for amount in self._all()))

    def _all(self) -> tuple[int | None, ...]:
        return (self.total, self.revenue, self.subtotal, self.tax, self.shipping, self.discount)


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` = price x quantity - discount, rounded half-up once; a missing price counts as 0."""

    product: str | None
    quantity_milli: int
    amount: int
    price: int | None = None
    discount: int = 0
    name: str | None = None
    brand: str | None = None
    category: str | None = None
    variant: str | None = None
    coupon: str | None = None

    def each_amount(self, change: Callable[[int], int]) -> "Line":
        price = None if self.price is None else change(self.price)
        return replace(self, price=price, discount=change(self.discount), amount=change(self.amount))


class _Sale(Protocol):
    """The part of a posted sale that a refund is measured against."""

    @property
    def goods(self) -> int: ...
    @property
    def tax(self) -> int: ...
    @property
    def shipping(self) -> int: ...


def goods_of_sale(amounts: Amounts, lines: Sequence[Line] | None, prices_include_tax: bool) -> tuple[int, bool]:
    """(goods value, whether the ways to compute it differ by more than one minor unit)."""
    net_of_total = _net_of_total(amounts)
    direct = [value for value in (net_of_total, amounts.revenue, amounts.subtotal) if value is not None]
    if direct:
        return direct[0], max(direct) - min(direct) > 1
    if amounts.total is not None:
        return amounts.total - (amounts.tax or 0) - (amounts.shipping or 0), False
    goods = sum(line.amount for line in lines or ()) - (amounts.discount or 0)
    return (goods - (amounts.tax or 0) if prices_include_tax else goods), False


def _net_of_total(amounts: Amounts) -> int | None:
    if amounts.total is None or amounts.tax is None or amounts.shipping is None:
        return None
    return amounts.total - amounts.tax - amounts.shipping


def goods_of_refund(
    amounts: Amounts, lines: Sequence[Line] | None, of_order: Amounts, sale: _Sale, goods_left: int
) -> int:
    """The goods part that a refund asks for, before it is cut to what is left."""
    if amounts.revenue is not None:
        return amounts.revenue
    net_of_total = _net_of_total(amounts)
    if net_of_total is not None:
        return max(net_of_total, 0)
    if amounts.total is not None:
        order_total = sale.goods + sale.tax + sale.shipping if of_order.total is None else of_order.total
        if amounts.total >= order_total:
            return goods_left
        return round_half_up(Decimal(amounts.total) * max(sale.goods, 0) / order_total)
    return _goods_of_lines(lines) if lines else goods_left


def own_goods_of_refund(amounts: Amounts, lines: Sequence[Line] | None) -> int | None:
    """The goods part of a refund whose order is unknown; None where it names no amount."""
    net_of_total = _net_of_total(amounts)
    for value in (amounts.revenue, net_of_total, amounts.total):
        if value is not None:
            return max(value, 0)
    return _goods_of_lines(lines) if lines else None


def _goods_of_lines(lines: Sequence[Line]) -> int:
    """Not below zero, however large the lines' discounts are: nobody pays to be refunded."""
    return max(sum(line.amount for line in lines), 0)


def spread_over_lines(lines: Sequence[Line], order_discount: int) -> list[int]:
    """Each line's amount less its part of the order's discount (largest remainder, ties by position)."""
    weights = [max(line.amount, 0) for line in lines]
    parts = spread(min(order_discount, sum(weights)), weights)
    return [line.amount - part for line, part in zip(lines, parts, strict=True)]
