"""Webhooks that a shop's own platform sends us: what to enter where. Nothing of it is stored."""

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from contracts.keys import KeyKind
from contracts.order_webhooks import Platform, derived_secret
from report_app.access import shop_or_404
from report_app.pages.frame import shop_page
from report_app.pages.keys import newest_key, page_key
from report_app.reading.merchants import Merchant
from report_app.services import services
from sealing.webhook_secrets import MOST_SECRET_BYTES, seal_secret

order_webhooks = Blueprint("order_webhooks", __name__)
_BAD = f"Enter the secret that Shopify shows beside the webhooks: 1 to {MOST_SECRET_BYTES} characters."


@order_webhooks.get("/shops/<merchant>/orders")
@login_required  # type: ignore[untyped-decorator]
def show(merchant: str) -> ResponseReturnValue:
    return _page(shop_or_404(merchant))


@order_webhooks.post("/shops/<merchant>/orders")
@login_required  # type: ignore[untyped-decorator]
def ask(merchant: str) -> ResponseReturnValue:
    """The secret for WooCommerce, or the address for Shopify: shown when asked for, never kept by the browser."""
    shop = shop_or_404(merchant)
    if request.form.get("platform") == Platform.WOOCOMMERCE:
        key, secret = newest_key(shop, KeyKind.PAGE)
        page = _page(shop, secret=derived_secret(key, Platform.WOOCOMMERCE, secret))
    else:
        page = _shopify(shop, request.form.get("secret", "").strip())
    page.headers["Cache-Control"] = "no-store"
    return page


def _shopify(shop: Merchant, secret: str) -> Response:
    key, secret_of_ours = newest_key(shop, KeyKind.PAGE)
    try:
        sealed = seal_secret(secret, key, Platform.SHOPIFY, secret_of_ours)
    except ValueError:
        page = _page(shop, bad=_BAD)
        page.status_code = 400
        return page
    return _page(shop, shopify=_address(shop, Platform.SHOPIFY, sealed=sealed))


def _address(shop: Merchant, platform: Platform, **more: str) -> str:
    url = services().settings.public_collector_url.rstrip("/")
    return f"{url}/{platform}?{urlencode({'writeKey': page_key(shop), **more})}"


def _page(shop: Merchant, secret: str = "", shopify: str = "", bad: str = "") -> Response:
    woocommerce = _address(shop, Platform.WOOCOMMERCE)
    return shop_page("order_webhooks", shop, woocommerce=woocommerce, secret=secret, shopify=shopify, bad=bad)
