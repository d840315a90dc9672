"""`/api/v1/shops/<merchant>/settings`: the time zone and currency of a shop's reports, and their change."""

from flask import Response, jsonify, request
from flask_login import current_user

from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.retention_orders import FIELD, keep_for
from report_app.services import services
from report_app.setting_orders import BadSettings, cancel_change, order_change
from report_app.times import time_text


@api.get("/shops/<merchant>/settings")
def settings(merchant: str) -> Response:
    return _settings(merchant)


@api.put("/shops/<merchant>/settings")
def change_settings(merchant: str) -> tuple[Response, int]:
    """Body: `time_zone` and `currency`. 202: reports are built, and readers switched when all of them are there."""
    shop, known = shop_or_404(merchant), services()
    body = request.get_json(silent=True)
    names = {"time_zone", "currency"}
    if not isinstance(body, dict) or set(body) != names or not all(isinstance(value, str) for value in body.values()):
        raise BadSettings("time_zone", 'Send a JSON object such as {"time_zone": "Europe/Berlin", "currency": "EUR"}.')
    order_change(known.database, shop, body["time_zone"], body["currency"], current_user.email, known.now())
    return _settings(merchant), 202


@api.delete("/shops/<merchant>/settings/next")
def cancel_settings(merchant: str) -> tuple[str, int]:
    known = services()
    cancel_change(known.database, shop_or_404(merchant), current_user.email, known.now())
    return "", 204


@api.put("/shops/<merchant>/settings/retention")
def change_retention(merchant: str) -> Response:
    """Body: `retention_days`, null to keep everything; with `"confirmed": true` also where messages are lost for good."""
    shop, known = shop_or_404(merchant), services()
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or FIELD not in body or body.keys() - {FIELD, "confirmed"}:
        raise BadSettings(FIELD, 'Send a JSON object such as {"retention_days": 730, "confirmed": true}.')
    keep_for(known.database, shop, body[FIELD], body.get("confirmed") is True, current_user.email, known.now())
    return _settings(merchant)


def _settings(merchant: str) -> Response:
    shop = shop_or_404(merchant)
    following = shop.next and {
        "settings_version": shop.next["settings_version"],
        "time_zone": shop.next["time_zone"],
        "currency": shop.next["currency"],
        "state": shop.next["state"],
        "ordered_at": time_text(shop.next["ordered_at"]),
        "scopes": shop.next["scopes"],
        "computed": shop.next["computed"],
    }
    return jsonify(
        shop=shop.id,
        settings_version=shop.settings_version,
        time_zone=shop.zone,
        currency=shop.currency,
        message_currency=shop.message_currency,
        retention_days=shop.retention_days,
        archive_from=time_text(shop.archive_from),
        next=following,
    )
