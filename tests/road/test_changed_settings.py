"""A shop's time zone and currency are changed on its page while messages go on arriving: no gap, and no mixture."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection
from stack.waiting import wait_until
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.pages import signed_in_page
from tests.road.shops import message

pytestmark = [pytest.mark.stack, pytest.mark.long]
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
SWITCHED_WITHIN_SECONDS = 240


def some_messages(name):
    """Around Kathmandu's midnight, which is a quarter past the hour in Berlin."""
    instants = [NOON + timedelta(hours=6, minutes=n) for n in range(0, 40, 5)]
    product = {"product_id": "lamp", "price": "20", "quantity": 1}
    orders = [
        message("Order Completed", at, f"{name}{at}", order_id=f"{name}{at}", revenue="20", products=[product])
        for at in instants[::3]
    ]
    return [*(message(None, at, f"{name}{at}") for at in instants), *orders]


@pytest.fixture
def page(browser, road, shop):
    with signed_in_page(browser, road, shop) as page:
        yield page


@pytest.fixture
def shop(road):
    shop = road.new_shop("moves")
    shop.send(some_messages("before"))
    road.wait()
    return shop


def test_another_time_zone(road, shop, page):
    page.goto(f"/shops/{shop.merchant}/settings")
    page.select_option("#time-zone", "Asia/Kathmandu")
    page.click("text=Build the reports anew")
    page.get_by_text("Change to Asia/Kathmandu, in EUR.").wait_for()
    shop.send(some_messages("meanwhile"))
    day = NOON.date().isoformat()
    page.goto(f"/shops/{shop.merchant}/?from={day}&to={day}")
    page.evaluate("window.isTheSamePage = true")
    assert "Europe/Berlin" in page.locator(".strip").first.inner_text()
    merchants = road.database[Collection.MERCHANTS]
    is_switched = {"_id": shop.merchant, "settings_version": 2}
    assert wait_until(lambda: merchants.find_one(is_switched), SWITCHED_WITHIN_SECONDS)
    shop.zone = "Asia/Kathmandu"
    page.get_by_text("Asia/Kathmandu").first.wait_for(timeout=60_000)
    assert page.evaluate("window.isTheSamePage") is True
    road.wait()
    assert_reports_are_right(shop)
    assert_books_balance(shop)
