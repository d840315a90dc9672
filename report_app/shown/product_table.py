"""Rows of the products table."""

from dataclasses import dataclass
from decimal import Decimal

from report_app.formats import Formats
from report_app.reading.products import Product, Products
from report_app.reading.reports import State

ON_OVERVIEW = 6
AT_LEAST = "at least "
SENTENCES = {
    State.COMPUTING: "This table is being computed.",
    State.AGAIN: "This table is being computed again.",
    State.NOT_IN_BACKUP: "This table is not in the backup. It is computed when the main database is back.",
    State.FAILED: "This table could not be computed again.",
    State.FROZEN: "This table is not there: the shop's settings changed after the messages of these days were deleted.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`bar` is the share of sales that the bar draws, in percent of the largest row's width."""

    key: str
    name: str
    detail: str
    bar: str
    views: str
    units: str
    orders: str
    sales: str
    share: str
    at_least: str


@dataclass(frozen=True, slots=True)
class ProductTable:
    sentence: str
    rows: tuple[Row, ...]
    all_label: str
    not_on_product: str
    rest: str
    remarks: tuple[str, ...]


def product_table(products: Products, formats: Formats, most: int) -> ProductTable:
    """At most `most` rows, largest first."""
    largest = max((p.measures["revenue"] for p in products.rows), default=0)
    total = products.all_sales
    rows = tuple(_row(product, total, largest, formats) for product in products.rows[:most])
    count = formats.count(len(products.rows))
    return ProductTable(
        sentence=SENTENCES.get(products.state, "") or ("" if rows else "No product was viewed or sold in these days."),
        rows=rows,
        all_label=f"The {count} largest products" if products.has_more else f"All {count} products",
        not_on_product=formats.money(products.not_on_product) if products.not_on_product else "",
        rest=formats.money(products.rest) if products.rest else "",
        remarks=_remarks(products),
    )


def _remarks(products: Products) -> tuple[str, ...]:
    found = []
    if products.is_behind:
        found.append("Newer events of these days are being added to this table.")
    if products.has_unconverted:
        found.append("Sales without an exchange rate are not in this table.")
    return tuple(found)


def _row(product: Product, total: int, largest: int, formats: Formats) -> Row:
    sales = product.measures["revenue"]
    share = Decimal(sales) / Decimal(total) if total > 0 else Decimal(0)
    width = Decimal(100 * sales) / Decimal(largest) if largest > 0 else Decimal(0)
    detail = [product.attributes.get(name, "") for name in ("variant", "brand", "category")]
    return Row(
        key=product.key,
        name=product.name,
        detail=" · ".join(filter(None, detail)),
        bar=f"{max(width, Decimal(0)):.1f}",
        views=formats.count(product.measures["views"]),
        units=formats.units(product.measures["ordered_milli"]),
        orders=formats.count(product.measures["orders"]),
        sales=formats.short_money(sales),
        share=formats.percent(share) if total > 0 else "–",
        at_least=AT_LEAST if product.is_at_least else "",
    )
