"""The demo's shops, each declared in a file of its own beside this one."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

NAMES = ("nordlicht", "chai", "harbour")


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in major units of the shop's currency, two decimals."""

    id: str
    name: str
    brand: str
    category: str
    price: Decimal
    variants: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.id.lower()


@dataclass(frozen=True, slots=True)
class Shop:
    """`merchant` is the id under which the shop is known to Footfall; `name` also names its file."""

    merchant: str
    title: str
    claim: str
    time_zone: str
    currency: str
    locale: str
    accent: str
    tax_percent: int
    shipping: Decimal
    searches: tuple[str, ...]
    products: tuple[Product, ...]
    foreign_currency: str | None = None

    def product(self, slug: str) -> Product | None:
        return next((product for product in self.products if product.slug == slug), None)


@cache
def read_shop(name: str, merchant: str = "") -> Shop:
    """The declared shop, under another merchant id where one is given."""
    declared = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text())
    products = declared.pop("products")
    declared["title"] = declared.pop("name")
    declared["shipping"] = Decimal(declared["shipping"])
    declared["searches"] = tuple(declared["searches"])
    return Shop(merchant=merchant or name, products=tuple(_product(item) for item in products), **declared)


def _product(declared: dict[str, object]) -> Product:
    texts = {name: str(declared[name]) for name in ("id", "name", "brand", "category")}
    variants = declared.get("variants", [])
    assert isinstance(variants, list)
    return Product(price=Decimal(str(declared["price"])), variants=tuple(variants), **texts)
