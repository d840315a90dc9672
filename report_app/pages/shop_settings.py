"""Settings of a shop: the snippet, the write keys, its time zone and currency, and the request to compute days again."""

from datetime import timedelta

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from contracts.money import EXPONENTS
from contracts.retention import LEAST_DAYS, MOST_DAYS
from contracts.zones import local_date, zone_names
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import shop_page
from report_app.pages.keys import page_key, server_key, snippet
from report_app.reading.backups import read_backups
from report_app.retention_orders import keep_for, read_days
from report_app.services import services
from report_app.setting_orders import BadSettings, cancel_change, order_change
from report_app.shown.backups import shown_backups
from report_app.shown.setting_change import shown_change

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


@shop_settings.post("/shops/<merchant>/settings/change")
@login_required  # type: ignore[untyped-decorator]
def change(merchant: str) -> ResponseReturnValue:
    """Orders the change of the form; what cannot be ordered stays in the form, with the reason."""
    shop, known = shop_or_404(merchant), services()
    time_zone, currency = request.form.get("time_zone", "").strip(), request.form.get("currency", "").strip().upper()
    try:
        order_change(known.database, shop, time_zone, currency, current_user.email, known.now())
    except BadSettings as bad:
        page = _page(merchant, with_server_key=False, bad=bad)
        page.status_code = 400
        return page
    return _back(merchant)


@shop_settings.post("/shops/<merchant>/settings/change/cancel")
@login_required  # type: ignore[untyped-decorator]
def cancel(merchant: str) -> ResponseReturnValue:
    known = services()
    cancel_change(known.database, shop_or_404(merchant), current_user.email, known.now())
    return _back(merchant)


@shop_settings.post("/shops/<merchant>/settings/retention")
@login_required  # type: ignore[untyped-decorator]
def keep(merchant: str) -> ResponseReturnValue:
    """What would be lost for good is said first, with the same days to confirm."""
    shop, known, typed = shop_or_404(merchant), services(), request.form.get("retention_days", "")
    try:
        days = read_days(typed)
        is_confirmed = request.form.get("confirmed") == typed.strip()
        keep_for(known.database, shop, days, is_confirmed, current_user.email, known.now())
    except BadSettings as bad:
        page = _page(merchant, with_server_key=False, bad=bad)
        page.status_code = 400
        return page
    return _back(merchant, "keep-title")


def _back(merchant: str, anchor: str = "place-title") -> ResponseReturnValue:
    return redirect(url_for("shop_settings.show", merchant=merchant, _anchor=anchor), 303)


def _page(merchant: str, with_server_key: bool, bad: BadSettings | None = None) -> Response:
    shop = shop_or_404(merchant)
    now = services().now()
    today = local_date(shop.zone, now)
    return shop_page(
        "settings",
        shop,
        page_key=page_key(shop),
        snippet=snippet(shop),
        server_key=server_key(shop) if with_server_key else "",
        today=today.isoformat(),
        yesterday=(today - timedelta(days=1)).isoformat(),
        change=shown_change(shop.next, formats_for(shop)),
        bad=bad,
        typed_zone=request.form.get("time_zone", shop.zone),
        typed_currency=request.form.get("currency", shop.currency),
        zones=zone_names(),
        currencies=sorted(EXPONENTS),
        keeps=shop.retention_days,
        typed_days=request.form.get("retention_days", shop.retention_days or ""),
        least_days=LEAST_DAYS,
        most_days=MOST_DAYS,
        backups=shown_backups(read_backups(services().database, now), formats_for(shop)),
        collector=services().settings.public_collector_url.rstrip("/"),
    )
