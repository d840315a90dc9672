"""What becomes of a full cart: checkout, the order, and what happens to the order later."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stack.demo.people import some_id
from stack.demo.shops import Product
from stack.demo.visits import Sending, Visit, facts, stamp

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines of an order: product, count, and the discount on the line; amounts in major units."""

    lines: tuple[tuple[Product, int, Decimal], ...]
    shipping: Decimal
    tax_percent: int
    coupon: str | None

    @property
    def goods(self) -> Decimal:
        return sum((line_goods(line) for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return (self.goods * self.tax_percent / 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def discount(self) -> Decimal:
        return sum((discount for _, _, discount in self.lines), Decimal(0))

    def properties(self, order: str, currency: str) -> dict[str, Any]:
        products = [
            facts(product) | {"quantity": count} | ({"discount": float(discount)} if discount else {})
            for product, count, discount in self.lines
        ]
        return {
            "order_id": order,
            "currency": currency,
            "total": str(self.goods + self.tax + self.shipping),
            "tax": str(self.tax),
            "shipping": str(self.shipping),
            "products": products,
            **({"coupon": self.coupon} if self.coupon else {}),
        }


def line_goods(line: tuple[Product, int, Decimal]) -> Decimal:
    product, count, discount = line
    return product.price * count - discount


def minor(amount: Decimal) -> int:
    return int(amount * 100)


def check_out(visit: Visit) -> None:
    """Some leave at the door; the others order, and a few of them come back to it."""
    chance = visit.chance
    if not visit.cart or chance.random() < 0.35:
        return
    visit.page("/checkout", "Checkout")
    visit.track("Checkout Started", products=[facts(product) for product, _ in visit.cart])
    visit.wait(30, 180)
    if chance.random() < 0.25:
        return
    order = f"{visit.shop.merchant[:2].upper()}-{some_id(chance)[:8]}"
    if visit.shop.foreign_currency and chance.random() < 0.04:
        _foreign_order(visit, order)
    else:
        _order(visit, order, _basket(visit))


def _basket(visit: Visit) -> Basket:
    has_coupon = visit.chance.random() < 0.15
    tenth = Decimal("0.1") if has_coupon else Decimal(0)
    lines = tuple(
        (product, count, (product.price * count * tenth).quantize(CENT, ROUND_HALF_UP)) for product, count in visit.cart
    )
    return Basket(lines, visit.shop.shipping, visit.shop.tax_percent, "WELCOME10" if has_coupon else None)


def _order(visit: Visit, order: str, basket: Basket) -> None:
    visit.page("/thanks", "Thank you")
    if not visit.track("Order Completed", **basket.properties(order, visit.shop.currency)):
        return
    home, chance = visit.at, visit.chance
    later = home + timedelta(minutes=chance.randrange(20, 50))
    if chance.random() < 0.04 and later < visit.until:
        first, *rest = basket.lines
        more = (first[0], first[1] + 1, first[2])
        basket = Basket((more, *rest), basket.shipping, basket.tax_percent, basket.coupon)
        _from_server(visit, later, "Order Updated", basket.properties(order, visit.shop.currency))
    _book_sale(visit, home, basket)
    _take_back(visit, order, basket, home)


def _book_sale(visit: Visit, home: datetime, basket: Basket) -> None:
    visit.tally.amounts(
        home,
        orders=1,
        sales=minor(basket.goods),
        discount=minor(basket.discount),
        shipping=minor(basket.shipping),
        tax=minor(basket.tax),
    )
    for product, count, discount in basket.lines:
        visit.tally.product(home, product.id, "ordered", count)
        visit.tally.product(home, product.id, "revenue", minor(line_goods((product, count, discount))))


def _take_back(visit: Visit, order: str, basket: Basket, home: datetime) -> None:
    """A refund of one line, of everything, or a cancellation; most orders stay as they are."""
    chance = visit.chance
    fate = chance.choices(("kept", "line", "whole", "cancelled"), (88, 5, 3, 4))[0]
    at = home + timedelta(hours=chance.randrange(2, 200), seconds=chance.randrange(3_600))
    if fate == "kept" or at > visit.until:
        return
    if fate == "cancelled":
        _from_server(visit, at, "Order Cancelled", {"order_id": order, "reason": "changed their mind"})
        visit.tally.amounts(at, cancelled=minor(basket.goods), cancelled_orders=1)
        return
    line = basket.lines[0]
    goods = line_goods(line) if fate == "line" else basket.goods
    properties: dict[str, Any] = {"order_id": order, "refund_id": f"R-{order}"}
    if fate == "line":
        product = facts(line[0]) | {"quantity": line[1], "discount": float(line[2])}
        properties |= {"revenue": str(goods), "products": [product]}
    _from_server(visit, at, "Order Refunded", properties)
    visit.tally.amounts(at, refunds=minor(goods), refund_count=1)


def _foreign_order(visit: Visit, order: str) -> None:
    """An order in a currency for which nobody has given a rate: it must stay beside the others, never be added."""
    yen = 100 * visit.chance.randrange(20, 120)
    properties = {"order_id": order, "revenue": str(yen), "currency": visit.shop.foreign_currency}
    if visit.track("Order Completed", **properties):
        visit.tally.amounts(visit.at, orders=1)
        visit.tally.foreign[str(visit.shop.foreign_currency)] += yen


def _from_server(visit: Visit, at: datetime, event: str, properties: dict[str, Any]) -> None:
    """The shop's own system says so, not the visitor's browser."""
    message = {
        "type": "track",
        "messageId": some_id(visit.chance),
        "timestamp": stamp(at),
        "anonymousId": visit.visitor.id,
        "event": event,
        "properties": {"currency": visit.shop.currency} | properties,
        "context": {"library": {"name": "demo-backoffice", "version": "1"}},
    }
    visit.sendings.append(Sending(at, message, needs_server_key=True))
    visit.tally.event(at, visit.visitor.id)
