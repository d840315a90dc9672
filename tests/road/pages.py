"""A shop's pages in a real browser, behind a real sign-in."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from stack.accounts import create_user
from tests.road.roads import Road
from tests.road.shops import RoadShop


@contextmanager
def signed_in_page(browser: Browser, road: Road, shop: RoadShop) -> Iterator[Page]:
    """The overview of the shop, as a user of its own sees it who has just signed in."""
    email = f"{shop.merchant}@example.com"
    password = create_user(road.database, email, [shop.merchant], "en-GB")
    context = browser.new_context(base_url=road.settings.public_app_url)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")
    yield page
    context.close()
