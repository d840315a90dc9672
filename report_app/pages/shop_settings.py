"""Settings of a shop: the snippet, the write keys, and the request to compute days again."""

from datetime import timedelta

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.zones import local_date
from report_app.access import shop_or_404
from report_app.pages.frame import shop_page
from report_app.pages.keys import page_key, server_key, snippet
from report_app.services import services

shop_settings = Blueprint("shop_settings", __name__)


@shop_settings.get("/shops/<merchant>/settings")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    return _page(merchant, with_server_key=False)


@shop_settings.post("/shops/<merchant>/settings")
@login_required  # type: ignore[untyped-decorator]
def show_server_key(merchant: str) -> ResponseReturnValue:
    """The server key is secret: shown only when asked for, never kept by the browser."""
    response = _page(merchant, with_server_key=True)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(merchant: str, with_server_key: bool) -> Response:
    shop = shop_or_404(merchant)
    key = page_key(shop)
    today = local_date(shop.zone, services().now())
    return shop_page(
        "settings",
        shop,
        page_key=key,
        snippet=snippet(key),
        server_key=server_key(shop) if with_server_key else "",
        today=today.isoformat(),
        yesterday=(today - timedelta(days=1)).isoformat(),
        collector=services().settings.public_collector_url.rstrip("/"),
    )
