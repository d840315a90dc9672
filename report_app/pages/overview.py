"""The overview of a shop."""

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.zones import local_date
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import part_address, range_choices, range_query, shop_page
from report_app.pages.keys import snippet
from report_app.pages.rebuilds import shown_tickets
from report_app.reading.calendar import first_month
from report_app.reading.changes import read_changes
from report_app.reading.overview import read_overview, read_products
from report_app.services import services
from report_app.shown.cards import cards
from report_app.shown.changes import changes_line
from report_app.shown.chart import chart
from report_app.shown.figures import CHARTED, Measure
from report_app.shown.made_of import made_of
from report_app.shown.product_table import ON_OVERVIEW, product_table
from report_app.shown.receipts import figure_panels, products_panel, quality_panel
from report_app.shown.strip import strip
from report_app.tickets.ordering import ticketed

overview = Blueprint("overview", __name__)


@overview.get("/shops/<merchant>/")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    known, formats = services(), formats_for(shop)
    now = known.now()
    reading = read_overview(known.database, shop, request.args, now)
    if not reading.has_events:
        return shop_page("first_event", shop, reading.view, strip=strip(reading, formats, now), snippet=snippet(shop))
    sold = read_products(known.database, shop, reading.view)
    shown = cards(reading, formats)
    measure = _measure()
    return shop_page(
        "overview",
        shop,
        reading.view,
        strip=strip(reading, formats, now),
        tickets=shown_tickets(shop, ticketed(shop, reading.lost, sold.lost)),
        changes_line=changes_line(read_changes(known.database, shop, reading.view, most=1), formats),
        cards=shown,
        chart=chart(reading, measure, formats, now),
        measures=CHARTED,
        products=product_table(sold, formats, ON_OVERVIEW),
        made_of=made_of(reading, formats),
        panels=[
            *figure_panels(reading, shown, formats),
            products_panel(sold, formats),
            quality_panel(reading, formats),
        ],
        ranges=range_choices(shop, reading.view, "overview.show", **_kept(measure)),
        query=range_query(reading.view) | _kept(measure),
        why=request.args.get("why", ""),
        today=_today(reading.view.zone),
        refresh=part_address(),
    )


@overview.get("/shops/<merchant>/first-event.json")
@login_required  # type: ignore[untyped-decorator]
def first_event(merchant: str) -> ResponseReturnValue:
    """Whether the shop has any report yet; the page without events asks every few seconds."""
    shop = shop_or_404(merchant)
    has_events = first_month(services().database, shop.edition) is not None
    return jsonify(has_events=has_events, link=url_for("overview.show", merchant=shop.id, range="today"))


def _measure() -> Measure:
    text = request.args.get("show", "")
    return Measure(text) if text in set(CHARTED) else Measure.NET_SALES


def _kept(measure: Measure) -> dict[str, str]:
    return {} if measure is Measure.NET_SALES else {"show": str(measure)}


def _today(zone_name: str) -> str:
    return local_date(zone_name, services().now()).isoformat()
