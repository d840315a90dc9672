"""Webhooks of a shop: where they lead, how they fare, and what a person does with them."""

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.webhooks import MOST_WEBHOOKS, Delivery, Webhook
from outgoing.addresses import BadWebhook
from report_app.access import formats_for, shop_or_404
from report_app.pages.frame import shop_page
from report_app.reading.merchants import Merchant
from report_app.reading.webhooks import read_deliveries, read_delivery, read_webhook, read_webhooks
from report_app.services import services
from report_app.shown.webhooks import shown_delivery, shown_webhook
from report_app.webhooks import decisions

webhooks = Blueprint("webhooks", __name__)
_ACTIONS = {"test": decisions.send_test, "off": decisions.switch_off, "on": decisions.switch_on}


@webhooks.get("/shops/<merchant>/webhooks")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    return _list_page(shop_or_404(merchant))


@webhooks.post("/shops/<merchant>/webhooks")
@login_required  # type: ignore[untyped-decorator]
def create(merchant: str) -> ResponseReturnValue:
    """Answers with the webhook's page, which shows the secret this once."""
    shop = shop_or_404(merchant)
    try:
        webhook, secret = decisions.create(shop, request.form.get("url", "").strip())
    except BadWebhook as bad:
        page = _list_page(shop, bad)
        page.status_code = 400
        return page
    return _page(shop, webhook, secret)


@webhooks.get("/shops/<merchant>/webhooks/<webhook>")
@login_required  # type: ignore[untyped-decorator]
def show_one(merchant: str, webhook: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    return _page(shop, webhook_or_404(shop, webhook))


@webhooks.post("/shops/<merchant>/webhooks/<webhook>")
@login_required  # type: ignore[untyped-decorator]
def decide(merchant: str, webhook: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    found = webhook_or_404(shop, webhook)
    action = request.form.get("action", "")
    if action == "secret":
        secret = decisions.renew_secret(shop, found)
        return _page(shop, webhook_or_404(shop, webhook), secret)
    if action == "remove":
        decisions.remove(shop, found)
        return redirect(url_for("webhooks.show", merchant=shop.id), 303)
    if action not in _ACTIONS:
        abort(400)
    _ACTIONS[action](shop, found)
    return _back_to(shop, found)


@webhooks.post("/shops/<merchant>/webhooks/<webhook>/deliveries/<delivery>")
@login_required  # type: ignore[untyped-decorator]
def send_again(merchant: str, webhook: str, delivery: str) -> ResponseReturnValue:
    shop = shop_or_404(merchant)
    found = webhook_or_404(shop, webhook)
    decisions.send_again(shop, found, delivery_or_404(found, delivery))
    return _back_to(shop, found)


def webhook_or_404(shop: Merchant, id_: str) -> Webhook:
    """Another shop's webhook does not exist."""
    return read_webhook(services().database, shop.id, id_) or abort(404)


def delivery_or_404(webhook: Webhook, id_: str) -> Delivery:
    return read_delivery(services().database, webhook, id_) or abort(404)


def _back_to(shop: Merchant, webhook: Webhook) -> ResponseReturnValue:
    return redirect(url_for("webhooks.show_one", merchant=shop.id, webhook=webhook["_id"]), 303)


def _list_page(shop: Merchant, bad: BadWebhook | None = None) -> Response:
    formats = formats_for(shop)
    found = [shown_webhook(one, formats) for one in read_webhooks(services().database, shop.id)]
    return shop_page("webhooks", shop, webhooks=found, most=MOST_WEBHOOKS, bad=bad, typed=request.form.get("url", ""))


def _page(shop: Merchant, webhook: Webhook, secret: str = "") -> Response:
    formats = formats_for(shop)
    deliveries = [shown_delivery(one, formats) for one in read_deliveries(services().database, webhook)]
    page = shop_page("webhook", shop, webhook=shown_webhook(webhook, formats), deliveries=deliveries, secret=secret)
    if secret:
        page.headers["Cache-Control"] = "no-store"
    return page
