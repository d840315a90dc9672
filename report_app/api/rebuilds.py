"""`/api/v1/shops/<merchant>/tickets` and `…/rebuilds`: which reports were requested, and a request for some days."""

from flask import Response, jsonify, request

from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.api.shapes import ticket_json
from report_app.reading.ranges import BadRange, read_view
from report_app.reading.tickets import newest_tickets
from report_app.services import services
from report_app.tickets.ordering import ask_for


@api.get("/shops/<merchant>/tickets")
def tickets(merchant: str) -> Response:
    shop = shop_or_404(merchant)
    return jsonify(shop=shop.id, tickets=[ticket_json(one) for one in newest_tickets(services().database, shop)])


@api.post("/shops/<merchant>/rebuilds")
def rebuild(merchant: str) -> tuple[Response, int]:
    """Body: a range as an address names it. 202: the tickets are open, and say themselves how far they are."""
    shop = shop_or_404(merchant)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
        raise BadRange("range", 'Send a JSON object such as {"from": "2026-11-01", "to": "2026-11-07"}.')
    view = read_view(body, shop.zone, services().now(), None)
    found = ask_for(shop, view.first, view.last)
    return jsonify(shop=shop.id, tickets=[ticket_json(one) for one in found]), 202
