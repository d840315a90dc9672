"""Every page of every demo shop answers, and carries the tracker with the shop's own key."""

import re

import pytest

from contracts.keys import read_key
from contracts.settings import settings
from stack.demo.shop_page import create_app
from stack.demo.shops import NAMES, read_shop


@pytest.fixture(scope="module")
def client():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTFALL_KEY_SECRETS", "k1:00112233445566778899aabbccddeeff")
        settings.cache_clear()
        yield create_app().test_client()
        settings.cache_clear()


def pages(name):
    products = [f"products/{product.slug}" for product in read_shop(name).products]
    return [f"/{name}/{page}" for page in ("", "search?q=a", "cart", "checkout", "thanks", *products)]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_carries_the_tracker(client, name):
    for page in pages(name):
        answer = client.get(page)
        assert answer.status_code == 200, page
        key = re.search(r'/footfall\.js" data-key="([^"]+)"', answer.text)[1]
        assert read_key(key, settings().secrets_by_id()).merchant == name


@pytest.mark.parametrize("page", ["/nobody/", "/nordlicht/products/none", "/nordlicht/admin"])
def test_what_is_not_there_is_not_found(client, page):
    assert client.get(page).status_code == 404


def test_a_search_finds_by_name_brand_and_category(client):
    assert "Dry bag set" in client.get("/nordlicht/search?q=dry+packs").text
    assert "Nothing fits" in client.get("/nordlicht/search?q=submarine").text


def test_a_query_is_shown_as_text(client):
    assert "<script>alert" not in client.get("/nordlicht/search?q=<script>alert(1)</script>").text
