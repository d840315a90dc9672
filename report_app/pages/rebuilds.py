"""A person asks for the reports of some days anew, and the tickets that pages show."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.tickets import Ticket
from contracts.zones import local_date
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import range_query
from report_app.reading.merchants import Merchant
from report_app.reading.ranges import read_view
from report_app.reading.tickets import usual_duration
from report_app.services import services
from report_app.shown.tickets import TicketLine, ticket_lines
from report_app.tickets.ordering import ask_for

rebuilds = Blueprint("rebuilds", __name__)


@rebuilds.post("/shops/<merchant>/rebuilds")
@login_required  # type: ignore[untyped-decorator]
def ask(merchant: str) -> ResponseReturnValue:
    """The range comes with the form, as it does with an address."""
    shop = shop_or_404(merchant)
    view = read_view(request.form, shop.zone, services().now(), None)
    ask_for(shop, view.first, view.last)
    query: dict[str, Any] = dict(range_query(view))
    return redirect(url_for("quality.show", merchant=shop.id, **query), 303)


def shown_tickets(shop: Merchant, tickets: list[Ticket]) -> tuple[TicketLine, ...]:
    """The tickets in the words of the signed-in reader."""
    if not tickets:
        return ()
    known = services()
    today = local_date(shop.zone, known.now())
    return ticket_lines(tickets, formats_for(shop), usual_duration(known.database), today)
