"""What a shop enters on its own platform: an address and a secret that the collectors can check without a database."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.keys import KeyKind, read_key
from contracts.names import Collection
from contracts.order_webhooks import Platform, derived_secret
from sealing.webhook_secrets import unseal_secret
from tests.report_app.conftest import KEY_SECRETS
from tests.report_app.documents import merchant, user

PATH = "/shops/nordlicht/orders"
SECRET = bytes.fromhex(KEY_SECRETS.partition(":")[2])
OF_SHOPIFY = "shpss_<secret>"


@pytest.fixture
def shop(database, sign_in):
    database[Collection.MERCHANTS].insert_many([merchant(key_generation=3), merchant(_id="other")])
    database[Collection.USERS].insert_one(user())
    return sign_in()


def text_of(page):
    return unescape(page.get_data(as_text=True))


def address_in(page, platform):
    (found,) = re.findall(rf"<code>(\S+/{platform}\?\S+)</code>", text_of(page))
    query = {name: value for name, (value,) in parse_qs(urlsplit(found).query).items()}
    return read_key(query["writeKey"], {"t1": SECRET}), query


def test_woocommerce_gets_an_address_and_when_asked_its_secret(shop):
    key, _ = address_in(shop.get(PATH), "woocommerce")
    assert (key.kind, key.merchant, key.generation) == (KeyKind.PAGE, "nordlicht", 3)
    secret = derived_secret(key, Platform.WOOCOMMERCE, SECRET)
    assert secret not in text_of(shop.get(PATH))
    shown = shop.post(PATH, data={"platform": "woocommerce"})
    assert secret in text_of(shown) and shown.headers["Cache-Control"] == "no-store"


def test_shopifys_secret_comes_back_sealed_in_the_address_and_is_kept_nowhere(shop, database):
    page = shop.post(PATH, data={"platform": "shopify", "secret": f" {OF_SHOPIFY} "})
    key, query = address_in(page, "shopify")
    assert unseal_secret(query["sealed"], key, Platform.SHOPIFY, SECRET) == OF_SHOPIFY
    assert OF_SHOPIFY not in text_of(page) and page.headers["Cache-Control"] == "no-store"
    kept = [str(list(database[name].find())) for name in database.list_collection_names()]
    assert not any("shpss" in text or query["sealed"] in text for text in kept)


@pytest.mark.parametrize("secret", ["", "   ", "x" * 257, "é" * 200])
def test_what_is_no_secret_is_said_so(shop, secret):
    page = shop.post(PATH, data={"platform": "shopify", "secret": secret})
    assert page.status_code == 400 and "Enter the secret that Shopify shows" in text_of(page)


def test_another_shops_page_does_not_exist(shop):
    for path in ("/shops/other/orders", "/shops/other/arrivals"):
        assert shop.get(path).status_code == 404
    assert shop.post("/shops/other/orders", data={"platform": "woocommerce"}).status_code == 404


def test_the_page_of_messages_names_its_stream(shop):
    assert 'data-watch="/shops/nordlicht/live?watch=server"' in text_of(
        shop.get("/shops/nordlicht/arrivals?key=server")
    )
    text = text_of(shop.get("/shops/nordlicht/arrivals?key=<script>"))
    assert 'data-watch="/shops/nordlicht/live?watch=all"' in text and "/footfall.js" in text
