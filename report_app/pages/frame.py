"""What every page of a shop has around its numbers: navigation, ranges, and the answer's ETag."""

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask_login import current_user

from report_app.reading.merchants import Merchant
from report_app.reading.ranges import RangeName, View
from report_app.standing_in.refusing import etag_salt

FRAGMENT = "main"
KEPT = ("range", "from", "to", "show", "rows")


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    address: str
    is_current: bool


_PAGES = (
    ("overview.show", "Overview", "overview"),
    ("products.show", "Products", "products"),
    ("quality.show", "Data quality", "quality"),
    ("inbox.show", "Inbox", "inbox"),
    ("shop_settings.show", "Settings", "settings"),
)
_RANGES = (
    (RangeName.TODAY, "Today"),
    (RangeName.YESTERDAY, "Yesterday"),
    (RangeName.WEEK, "7 days"),
    (RangeName.FOUR_WEEKS, "28 days"),
    (RangeName.MONTH, "Month"),
)


def range_query(view: View) -> dict[str, str]:
    """The part of the address that names the range."""
    if view.name is RangeName.PICKED:
        return {"from": view.first.isoformat(), "to": view.last.isoformat()}
    return {"range": view.name}


def range_choices(shop: Merchant, view: View, endpoint: str, **kept: Any) -> list[Choice]:
    return [
        Choice(label, url_for(endpoint, merchant=shop.id, range=name, **kept), view.name is name)
        for name, label in _RANGES
    ]


def pages_of(shop: Merchant | None, view: View | None = None) -> list[dict[str, str]]:
    """The navigation: only pages that exist. The range travels along."""
    if shop is None:
        return []
    query: dict[str, Any] = dict(range_query(view)) if view else {}
    pages = []
    for endpoint, label, icon in _PAGES:
        kept = query if icon not in ("settings", "inbox") else {}
        pages.append(
            {"endpoint": endpoint, "label": label, "icon": icon, "url": url_for(endpoint, merchant=shop.id, **kept)}
        )
    return [
        *pages,
        {"endpoint": "numbers.show", "label": "Definitions", "icon": "numbers", "url": url_for("numbers.show")},
    ]


def shop_page(template: str, shop: Merchant, view: View | None = None, **values: Any) -> Response:
    """The page; only its changing part when the address asks for `part=main`. Answers 304 where nothing changed."""
    is_part = request.args.get("part") == FRAGMENT
    page = render_template(
        "part.html" if is_part else f"{template}.html",
        part=f"{template}_main.html",
        shop=shop,
        view=view,
        pages=pages_of(shop, view),
        has_other_shops=len(current_user.merchants) > 1,
        **values,
    )
    response = make_response(page)
    if is_part:
        with_etag(response)
    return response


def with_etag(response: Response) -> Response:
    response.set_etag(hashlib.sha256(etag_salt() + response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def part_address() -> str:
    """The address from which an open page refreshes its changing part."""
    kept = {name: request.args[name] for name in KEPT if name in request.args}
    return f"{request.path}?{urlencode(kept | {'part': FRAGMENT})}"
