"""All products of a range, and their downloads."""

import csv
import io
import json
import re
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.money import decimal_text
from contracts.reports import DEFINITION_VERSION, TOP_KEYS
from contracts.zones import local_date
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import part_address, range_choices, range_query, shop_page
from report_app.pages.rebuilds import shown_tickets
from report_app.reading.merchants import Merchant
from report_app.reading.overview import read_overview, read_products
from report_app.reading.products import Products
from report_app.reading.ranges import View
from report_app.reading.reports import State
from report_app.services import services
from report_app.shown.product_table import SENTENCES, product_table
from report_app.shown.receipts import products_panel
from report_app.shown.strip import strip
from report_app.tickets.ordering import ticketed

products = Blueprint("products", __name__)

FIRST_ROWS = 100

COLUMNS = (
    "product",
    "name",
    "brand",
    "category",
    "variant",
    "views",
    "added",
    "removed",
    "units",
    "orders",
    "sales",
    "refunded",
    "currency",
    "at_least",
)
_TEXTS = frozenset(("product", "name", "brand", "category", "variant", "currency"))
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are =, +, - and @ as East Asian keyboards write them. Source: OWASP's page on CSV injection."""


@products.get("/shops/<merchant>/products")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    known, formats = services(), formats_for(shop)
    now = known.now()
    reading = read_overview(known.database, shop, request.args, now)
    sold = read_products(known.database, shop, reading.view)
    is_all = request.args.get("rows") == "all"
    return shop_page(
        "products",
        shop,
        reading.view,
        strip=strip(reading, formats, now),
        tickets=shown_tickets(shop, ticketed(shop, days=sold.lost)),
        products=product_table(sold, formats, TOP_KEYS if is_all else FIRST_ROWS),
        next_rows=formats.count(len(sold.rows)) if len(sold.rows) > FIRST_ROWS and not is_all else "",
        panels=[products_panel(sold, formats)],
        ranges=range_choices(shop, reading.view, "products.show"),
        query=range_query(reading.view),
        why=request.args.get("why", ""),
        today=local_date(shop.zone, now).isoformat(),
        refresh=part_address(),
    )


@products.get("/shops/<merchant>/products.<any(csv, json):form>")
@login_required  # type: ignore[untyped-decorator]
def download(merchant: str, form: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    known = services()
    view = read_overview(known.database, shop, request.args, known.now()).view
    sold = read_products(known.database, shop, view)
    if sold.state is not State.READ:
        ticketed(shop, days=sold.lost)
        return Response(f"{SENTENCES[sold.state]} Try again in a minute.\n", 503, mimetype="text/plain")
    rows = product_rows(sold, shop)
    text, kind = (_csv(rows), "text/csv") if form == "csv" else (_json(rows, view), "application/json")
    name = f"products-{shop.id}-{view.first}-{view.last}.{form}"
    return Response(text, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def product_rows(sold: Products, shop: Merchant) -> list[dict[str, Any]]:
    """Rows of COLUMNS: counts are integers, quantities and amounts decimal strings."""
    return [
        {
            "product": product.key,
            **{name: product.attributes.get(name) for name in ("name", "brand", "category", "variant")},
            "views": product.measures["views"],
            "added": quantity_text(product.measures["added_milli"]),
            "removed": quantity_text(product.measures["removed_milli"]),
            "units": quantity_text(product.measures["ordered_milli"]),
            "orders": product.measures["orders"],
            "sales": decimal_text(product.measures["revenue"], shop.currency),
            "refunded": decimal_text(product.measures["refunded"], shop.currency),
            "currency": shop.currency,
            "at_least": product.is_at_least,
        }
        for product in sold.rows
    ]


def quantity_text(milli: int) -> str:
    """`"2"` for 2000 thousandths, `"0.5"` for 500."""
    whole, rest = divmod(abs(milli), 1000)
    sign = "-" if milli < 0 else ""
    return f"{sign}{whole}" + (f".{rest:03d}".rstrip("0") if rest else "")


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "definition_version"])
    for row in rows:
        writer.writerow([*(_cell(name, row[name]) for name in COLUMNS), DEFINITION_VERSION])
    return "\ufeff" + out.getvalue()


def _cell(column: str, value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; a number below zero stays one."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if not isinstance(value, str) or not value.startswith(_STARTS_OF_FORMULAS):
        return value
    is_number = column not in _TEXTS and _NUMBER.fullmatch(value)
    return value if is_number else f"'{value}"


def _json(rows: list[dict[str, Any]], view: View) -> str:
    head = {"from": view.first.isoformat(), "to": view.last.isoformat(), "definition_version": DEFINITION_VERSION}
    return json.dumps(head | {"products": rows}, ensure_ascii=False, indent=1)
