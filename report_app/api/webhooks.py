"""`/api/v1/shops/<merchant>/webhooks…`: the webhooks of a shop, their delivery logs, and what can be done with them.

A secret is in the answer that makes it, and in no other.
"""

from typing import Any

from flask import Response, jsonify, request

from contracts.webhooks import Delivery, Webhook
from outgoing.addresses import BadWebhook
from report_app.access import shop_or_404
from report_app.api.reports import api
from report_app.pages.webhooks import delivery_or_404, webhook_or_404
from report_app.reading.webhooks import read_deliveries, read_webhooks
from report_app.services import services
from report_app.times import time_text
from report_app.webhooks import decisions


@api.get("/shops/<merchant>/webhooks")
def webhooks(merchant: str) -> Response:
    shop = shop_or_404(merchant)
    return jsonify(shop=shop.id, webhooks=[_json(one) for one in read_webhooks(services().database, shop.id)])


@api.post("/shops/<merchant>/webhooks")
def create_webhook(merchant: str) -> tuple[Response, int]:
    """Body: `{"url": "https://…"}`."""
    shop = shop_or_404(merchant)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or set(body) != {"url"} or not isinstance(body["url"], str):
        raise BadWebhook('Send a JSON object such as {"url": "https://shop.example/footfall"}.')
    webhook, secret = decisions.create(shop, body["url"])
    return _secret_once(shop.id, webhook, secret), 201


@api.get("/shops/<merchant>/webhooks/<webhook>")
def webhook(merchant: str, webhook: str) -> Response:
    shop = shop_or_404(merchant)
    return jsonify(shop=shop.id, webhook=_json(webhook_or_404(shop, webhook)))


@api.delete("/shops/<merchant>/webhooks/<webhook>")
def remove_webhook(merchant: str, webhook: str) -> tuple[str, int]:
    shop = shop_or_404(merchant)
    decisions.remove(shop, webhook_or_404(shop, webhook))
    return "", 204


@api.post("/shops/<merchant>/webhooks/<webhook>/<any(on, off):state>")
def switch_webhook(merchant: str, webhook: str, state: str) -> Response:
    shop = shop_or_404(merchant)
    switch = decisions.switch_on if state == "on" else decisions.switch_off
    switch(shop, webhook_or_404(shop, webhook))
    return jsonify(shop=shop.id, webhook=_json(webhook_or_404(shop, webhook)))


@api.post("/shops/<merchant>/webhooks/<webhook>/secret")
def renew_webhook_secret(merchant: str, webhook: str) -> Response:
    shop = shop_or_404(merchant)
    found = webhook_or_404(shop, webhook)
    return _secret_once(shop.id, found, decisions.renew_secret(shop, found))


@api.post("/shops/<merchant>/webhooks/<webhook>/test")
def test_webhook(merchant: str, webhook: str) -> tuple[Response, int]:
    """202: the delivery is in the log, and says itself what came of it."""
    shop = shop_or_404(merchant)
    found = webhook_or_404(shop, webhook)
    id_ = decisions.send_test(shop, found)
    return jsonify(shop=shop.id, delivery=_delivery_json(delivery_or_404(found, id_))), 202


@api.get("/shops/<merchant>/webhooks/<webhook>/deliveries")
def deliveries(merchant: str, webhook: str) -> Response:
    shop = shop_or_404(merchant)
    found = read_deliveries(services().database, webhook_or_404(shop, webhook))
    return jsonify(shop=shop.id, deliveries=[_delivery_json(one) for one in found])


@api.post("/shops/<merchant>/webhooks/<webhook>/deliveries/<delivery>")
def send_delivery_again(merchant: str, webhook: str, delivery: str) -> tuple[Response, int]:
    shop = shop_or_404(merchant)
    found = webhook_or_404(shop, webhook)
    decisions.send_again(shop, found, delivery_or_404(found, delivery))
    return jsonify(shop=shop.id, delivery=_delivery_json(delivery_or_404(found, delivery))), 202


def _secret_once(shop: str, webhook: Webhook, secret: str) -> Response:
    answer = jsonify(shop=shop, webhook=_json(webhook), secret=secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _json(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook["_id"],
        "url": webhook["url"],
        "state": webhook["state"],
        "off_because": webhook["off_because"],
        "failures": webhook["failures"],
        "failing_since": time_text(webhook["failing_since"]),
        "created_at": time_text(webhook["created_at"]),
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery["_id"],
        "type": delivery["kind"],
        "ready_id": delivery["subject"] if delivery["kind"] == "report.ready" else None,
        "state": delivery["state"],
        "attempts": delivery["attempts"],
        "next_attempt_at": time_text(delivery["next_attempt_at"]) if delivery["state"] == "waiting" else None,
        "created_at": time_text(delivery["created_at"]),
        "log": [one | {"at": time_text(one["at"])} for one in delivery["log"]],
    }
