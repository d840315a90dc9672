"""One visit to a demo shop: the messages it sends, in the shape of our tracker's, each added to the tally."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stack.demo.people import Arrival, Visitor, context, some_arrival, some_id
from stack.demo.shops import Product, Shop
from stack.demo.tally import Tally


@dataclass(frozen=True, slots=True)
class Sending:
    """A message and the instant at which it happens; `needs_server_key` where a page may not send it."""

    at: datetime
    message: dict[str, Any]
    needs_server_key: bool = False


@dataclass(slots=True)
class Visit:
    """Grows message by message; what would happen after `until` does not happen."""

    shop: Shop
    visitor: Visitor
    at: datetime
    until: datetime
    tally: Tally
    chance: random.Random
    arrival: Arrival | None = None
    sendings: list[Sending] = field(default_factory=list)
    cart: list[tuple[Product, int]] = field(default_factory=list)
    _page: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"https://{self.shop.merchant}.example"

    def wait(self, low: int, high: int) -> None:
        self.at += timedelta(milliseconds=self.chance.randrange(low * 1000, high * 1000))

    def page(self, path: str, title: str) -> None:
        query = f"?{self.arrival.query}" if self.arrival and self.arrival.query else ""
        referrer = self._page.get("url", self.arrival.referrer if self.arrival else "")
        self._page = {"path": path, "url": f"{self.host}{path}{query}", "title": title, "referrer": referrer}
        self._send({"type": "page", "properties": dict(self._page)})
        self.arrival = None

    def track(self, event: str, **properties: Any) -> bool:
        return self._send({"type": "track", "event": event, "properties": properties})

    def product_event(self, event: str, product: Product, measure: str, **more: Any) -> None:
        if self.track(event, **facts(product), currency=self.shop.currency, **more) and not self.visitor.is_robot:
            self.tally.product(self.at, product.id, measure, more.get("quantity", 1))

    def _send(self, fields: dict[str, Any]) -> bool:
        if self.at > self.until:
            return False
        message = {
            "messageId": some_id(self.chance),
            "timestamp": stamp(self.at),
            "anonymousId": self.visitor.id,
            **({"userId": self.visitor.user} if self.visitor.user else {}),
            **fields,
            "context": context(self.shop, self.visitor, self._page, self.arrival),
        }
        self.sendings.append(Sending(self.at, message))
        if self.visitor.is_robot:
            self.tally.of_bot()
        else:
            self.tally.event(self.at, self.visitor.id, is_page_view=fields["type"] == "page")
        return True


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facts(product: Product) -> dict[str, Any]:
    """A product as the events name it."""
    return {
        "product_id": product.id,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "price": float(product.price),
    }


def walk(visit: Visit) -> None:
    """The visitor looks around; some fill a cart. Robots only look."""
    chance, shop = visit.chance, visit.shop
    visit.arrival = some_arrival(chance)
    if chance.random() < 0.55:
        visit.page("/", shop.title)
        visit.wait(3, 40)
    if chance.random() < 0.2:
        _search(visit)
    for _ in range(chance.choices((1, 2, 3, 4, 6), (40, 25, 18, 10, 7))[0]):
        _look_at(visit, _some_product(shop, chance))
    if visit.visitor.is_robot:
        visit.cart.clear()
    if visit.cart:
        visit.page("/cart", "Your cart")
        visit.track("Cart Viewed", products=[facts(product) | {"quantity": count} for product, count in visit.cart])
        visit.wait(5, 60)


def _search(visit: Visit) -> None:
    query = visit.chance.choice(visit.shop.searches)
    visit.page("/search", f"Search: {query}")
    visit.track("Products Searched", query=query)
    visit.wait(3, 30)


def _some_product(shop: Shop, chance: random.Random) -> Product:
    """The first products of a shop's list are the ones that people look at most."""
    weights = [1 / (1 + place) ** 0.7 for place in range(len(shop.products))]
    return chance.choices(shop.products, weights)[0]


def _look_at(visit: Visit, product: Product) -> None:
    chance = visit.chance
    visit.page(f"/products/{product.slug}", product.name)
    visit.product_event("Product Viewed", product, "views")
    visit.wait(5, 90)
    if visit.visitor.is_robot or chance.random() > 0.12:
        return
    count = chance.choices((1, 2, 3), (80, 15, 5))[0]
    variant = {"variant": chance.choice(product.variants)} if product.variants else {}
    visit.product_event("Product Added", product, "added", quantity=count, **variant)
    visit.wait(2, 20)
    if chance.random() < 0.08:
        visit.product_event("Product Removed", product, "removed", quantity=count)
    elif all(product is not known for known, _ in visit.cart):
        visit.cart.append((product, count))
