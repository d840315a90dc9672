"""Data quality: what arrived, what became of it, and how late it was."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.zones import local_date
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import part_address, range_choices, range_query, shop_page
from report_app.pages.rebuilds import shown_tickets
from report_app.reading.books import read_books
from report_app.reading.changes import read_changes
from report_app.reading.overview import read_overview
from report_app.reading.tickets import asked_tickets
from report_app.services import services
from report_app.shown.books import books_table
from report_app.shown.changes import change_rows, changes_line
from report_app.shown.lateness import lateness_rows
from report_app.shown.made_of import made_of
from report_app.shown.receipts import quality_panel
from report_app.shown.strip import strip
from report_app.tickets.ordering import ticketed

quality = Blueprint("quality", __name__)

CHANGES_SHOWN = 50


@quality.get("/shops/<merchant>/quality")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    known, formats = services(), formats_for(shop)
    now = known.now()
    reading = read_overview(known.database, shop, request.args, now)
    changes = read_changes(known.database, shop, reading.view, CHANGES_SHOWN)
    return shop_page(
        "quality",
        shop,
        reading.view,
        strip=strip(reading, formats, now),
        tickets=shown_tickets(shop, [*ticketed(shop, reading.lost), *asked_tickets(known.database, shop, now)]),
        made_of=made_of(reading, formats),
        books=books_table(read_books(known.database, shop, reading.view), reading.view, formats),
        lateness=lateness_rows(reading.shown.quality, formats),
        changes=change_rows(changes, formats),
        changes_line=changes_line(changes, formats),
        changes_count=changes.count,
        panels=[quality_panel(reading, formats)],
        ranges=range_choices(shop, reading.view, "quality.show"),
        query=range_query(reading.view),
        why=request.args.get("why", ""),
        today=local_date(shop.zone, now).isoformat(),
        refresh=part_address(),
    )
