"""`/api/v1/shops/<merchant>/overview|products|quality?range=…`: the numbers of the pages, for programs.

Amounts are decimal strings, quantities too, counts integers, times ISO 8601 in UTC. A number that cannot be shown is null
beside its `state`.
"""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask_login import current_user

from contracts.books import FATES
from contracts.errors import EXPLANATIONS, ErrorCode
from contracts.money import decimal_text
from contracts.reports import DEFINITION_VERSION, LATENESS_EDGES_SECONDS, Family
from report_app.access import shop_or_404
from report_app.api.shapes import amount, figure_json, receipt_json, ticket_json, view_json
from report_app.pages.frame import with_etag
from report_app.pages.products import product_rows
from report_app.reading.overview import Reading, buckets, read_overview, read_products
from report_app.reading.reports import State
from report_app.services import services
from report_app.shown.figures import CHARTED, figures, value_of
from report_app.tickets.ordering import ticketed

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.before_request
def _require_user() -> None:
    if not current_user.is_authenticated:
        abort(401)


@api.get("/shops/<merchant>/overview")
def overview(merchant: str) -> Response:
    reading = read(merchant)
    currency = reading.merchant.currency
    series = [
        {
            "start": bucket.hour.key if bucket.hour else bucket.day.isoformat(),
            "is_running": bucket.is_running,
            **{m: amount(value_of(bucket.shown, m), m, currency) if bucket.shown else None for m in CHARTED},
        }
        for bucket in buckets(reading)
    ]
    body: dict[str, Any] = {"tickets": _tickets(reading)}
    body |= {"figures": {f.measure: figure_json(f, reading) for f in figures(reading)}, "series": series}
    return answer(reading, body)


@api.get("/shops/<merchant>/products")
def products(merchant: str) -> Response:
    reading = read(merchant)
    sold = read_products(services().database, reading.merchant, reading.view)
    is_read = sold.state is State.READ
    body = {
        "state": sold.state,
        "products": product_rows(sold, reading.merchant) if is_read else None,
        "not_on_product": decimal_text(sold.not_on_product, reading.merchant.currency) if is_read else None,
        "other_products": decimal_text(sold.rest, reading.merchant.currency) if is_read else None,
        "is_behind": sold.is_behind,
        "tickets": [ticket_json(one) for one in ticketed(reading.merchant, days=sold.lost)],
        "receipt": receipt_json(sold.receipt),
        "definition": url_for("numbers.show", _anchor="products"),
    }
    return answer(reading, body)


@api.get("/shops/<merchant>/quality")
def quality(merchant: str) -> Response:
    reading = read(merchant)
    state, found = reading.shown.states[Family.QUALITY], reading.shown.quality
    body: dict[str, Any] = {
        "state": state,
        "tickets": _tickets(reading),
        "receipt": receipt_json(reading.shown.receipts[Family.QUALITY]),
    }
    if state is State.READ:
        body |= {
            "counts": found.counts | {"not_accounted_for": found.not_accounted_for},
            "rejected": {fate: getattr(reading.fates, fate) for fate in FATES},
            "rejected_by_code": {code: _explained(code, count) for code, count in sorted(found.by_code.items())},
            "custom_names": found.custom_names,
            "lateness": {"upper_edges_seconds": LATENESS_EDGES_SECONDS, "counts": found.lateness},
        }
    return answer(reading, body)


def read(merchant: str) -> Reading:
    known = services()
    return read_overview(known.database, shop_or_404(merchant), request.args, known.now())


def _tickets(reading: Reading) -> list[dict[str, Any]]:
    return [ticket_json(one) for one in ticketed(reading.merchant, reading.lost)]


def _explained(code: str, count: int) -> dict[str, Any]:
    explanation = EXPLANATIONS[ErrorCode(code)] if code in set(ErrorCode) else None
    return {"count": count} | (asdict(explanation) if explanation else {})


def answer(reading: Reading, body: dict[str, Any]) -> Response:
    head = {
        "shop": reading.merchant.id,
        "currency": reading.merchant.currency,
        "definition_version": DEFINITION_VERSION,
        "range": view_json(reading),
    }
    return with_etag(jsonify(head | body))
