"""JSON shapes of readings."""

from dataclasses import asdict
from typing import Any

from flask import url_for

from contracts.money import decimal_text
from contracts.tickets import Ticket
from report_app.definitions import BY_KEY
from report_app.reading.overview import Reading
from report_app.reading.receipts import RangeReceipt
from report_app.shown.figures import FAMILIES, MONEY, Figure, Measure, Value
from report_app.times import time_text


def amount(value: Value, measure: Measure, currency: str) -> int | str | None:
    """Money as a decimal string, a count as an integer, null where there is no number."""
    if value.number is None:
        return None
    return decimal_text(value.number, currency) if measure in MONEY else value.number


def figure_json(figure: Figure, reading: Reading) -> dict[str, Any]:
    measure, currency = figure.measure, reading.merchant.currency
    return {
        "value": amount(figure.shown, measure, currency),
        "state": figure.shown.state,
        "is_estimate": figure.shown.is_estimate,
        "compared": amount(figure.compared, measure, currency),
        "before": amount(figure.before, measure, currency),
        "without_rate": {code: decimal_text(minor, code) for code, minor in figure.unconverted.items()},
        "receipt": receipt_json(reading.shown.receipts[FAMILIES[measure]]),
        "sentence": BY_KEY[measure].sentence,
        "definition": url_for("numbers.show", _anchor=measure),
    }


def receipt_json(receipt: RangeReceipt) -> dict[str, Any] | None:
    """Null where nothing was computed, or a part cannot be read."""
    if receipt.is_empty:
        return None
    return asdict(receipt) | {"versions": dict(receipt.versions), "not_accounted_for": receipt.not_accounted_for}


def view_json(reading: Reading) -> dict[str, Any]:
    """Days are the shop's local days; `complete_until` is the platform's watermark."""
    view = reading.view
    return {
        "name": view.name,
        "from": view.first.isoformat(),
        "to": view.last.isoformat(),
        "until": time_text(view.until),
        "before_from": view.before_first.isoformat(),
        "before_to": view.before_last.isoformat(),
        "compared_until_hour": view.cut[1] if view.cut else None,
        "time_zone": view.zone,
        "complete_until": time_text(reading.freshness.watermark),
        "is_late": reading.freshness.is_late,
    }


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """`is_handed_over`: Kafka has the request. Times are ISO 8601 in UTC."""
    times = {
        "opened_at": time_text(ticket["opened_at"]),
        "published_at": time_text(ticket["published_at"]),
        "running_at": time_text(ticket["running_at"]),
        "ready_at": time_text(ticket["ready_at"]),
    }
    kept = {name: dict(ticket)[name] for name in ("group", "day", "kind", "state", "attempts", "failure")}
    return {"ticket": ticket["_id"]} | kept | {"is_handed_over": ticket["published_at"] is not None} | times
