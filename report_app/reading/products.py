"""Products over a range: days added up by product. Amounts are minor units of the merchant's currency."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts.reports import SHAPES, TOP_KEYS, Family
from report_app.reading.receipts import RangeReceipt, united
from report_app.reading.reports import Part, State
from report_app.reading.totals import state_of

MEASURES = SHAPES[Family.PRODUCTS].measures
ATTRIBUTES = SHAPES[Family.PRODUCTS].attributes


@dataclass(slots=True)
class Product:
    """`is_at_least`: on some day it may stand in that day's rest, beyond the 1,000 kept."""

    key: str
    days: set[str] = field(default_factory=set)
    measures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))
    attributes: dict[str, str] = field(default_factory=dict)
    is_at_least: bool = False

    @property
    def name(self) -> str:
        return self.attributes.get("name") or self.key


@dataclass(slots=True)
class Products:
    """`rows` by sales, views, key; `all_sales` is what the bars are a share of; `has_more`: a day kept a rest."""

    state: State
    rows: list[Product]
    all_sales: int
    not_on_product: int
    rest: int
    has_more: bool
    has_unconverted: bool
    is_behind: bool
    receipt: RangeReceipt
    lost: tuple[Part, ...] = ()
    """Days without a number."""


def summed_products(parts: Iterable[Part], is_behind: bool) -> Products:
    """Rows of all days by product; no row at all when a day has no number. `is_behind`: a day is due again."""
    days = sorted(parts, key=lambda part: part.scope)
    state = state_of(days)
    read = [part for part in days if part.content is not None] if state is State.READ else []
    rows: dict[str, Product] = {}
    for part in read:
        for row in (part.content or {})["rows"]:
            _add_row(rows.setdefault(row["key"], Product(row["key"])), part.scope, row)
    with_rest = {part.scope for part in read if (part.content or {}).get("other")}
    for product in rows.values():
        product.is_at_least = not with_rest <= product.days
    not_on_product = sum(_amount(part, "not_on_product") for part in read)
    rest = sum(_amount(part, "other") for part in read)
    ordered = sorted(rows.values(), key=lambda p: (-p.measures["revenue"], -p.measures["views"], p.key))
    return Products(
        state=state,
        rows=ordered[:TOP_KEYS],
        all_sales=sum(p.measures["revenue"] for p in ordered) + not_on_product + rest,
        not_on_product=not_on_product,
        rest=rest + sum(p.measures["revenue"] for p in ordered[TOP_KEYS:]),
        has_more=bool(with_rest) or len(ordered) > TOP_KEYS,
        has_unconverted=any(_has_unconverted(part.content or {}) for part in read),
        is_behind=is_behind,
        receipt=united(part.receipt for part in read),
        lost=tuple(part for part in days if not part.is_number),
    )


def _add_row(product: Product, day: str, row: dict[str, Any]) -> None:
    product.days.add(day)
    for name in MEASURES:
        product.measures[name] += int(row.get(name) or 0)
    for name in ATTRIBUTES:
        if row.get(name):
            product.attributes[name] = str(row[name])


def _amount(part: Part, field_name: str) -> int:
    return int(((part.content or {}).get(field_name) or {}).get("revenue") or 0)


def _has_unconverted(content: dict[str, Any]) -> bool:
    return bool(content.get("unconverted")) or any(row.get("unconverted") for row in content["rows"])
