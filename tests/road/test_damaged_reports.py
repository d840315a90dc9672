"""Reports of a shop are damaged in every way at once: its page shows tickets, and then the numbers, without a reload."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection
from contracts.reports import Family, report_id
from contracts.zones import hour_key, local_date
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.pages import signed_in_page
from tests.road.shops import message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = local_date("Europe/Berlin", NOON).isoformat()
KEYS = [hour_key(NOON + timedelta(hours=n)) for n in range(4)]
REBUILT_WITHIN_MS = 150_000


def some_messages():
    product = {"product_id": "p1", "name": "Lamp", "price": "19.99"}
    hours = [NOON + timedelta(hours=n) for n in range(len(KEYS))]
    views = [message(None, at + timedelta(minutes=n), f"v{n}") for at in hours for n in range(5)]
    return [*views, *[message("Order Completed", at, "v1", order_id=f"o{at}", products=[product]) for at in hours]]


@pytest.fixture(scope="module")
def shop(road):
    shop = road.new_shop("damaged")
    shop.send(some_messages())
    road.wait()
    return shop


@pytest.fixture
def page(browser, road, shop):
    """The shop's day, open in a signed-in browser."""
    with signed_in_page(browser, road, shop) as page:
        page.goto(f"/shops/{shop.merchant}/?from={DAY}&to={DAY}")
        yield page


def damage(road, shop):
    """A number flipped, a field gone, another type, another hour's content, no readable hours, no document, no version."""
    reports = road.database[Collection.REPORTS]
    ids = {family: report_id(shop.merchant, 1, family, DAY) for family in Family}
    stranger = reports.find_one({"_id": ids[Family.SALES]})["hours"][KEYS[0]]
    changes = {
        f"hours.{KEYS[0]}.content.converted.sales": 99_999_900,
        f"hours.{KEYS[1]}.content": "99999900",
        f"hours.{KEYS[2]}": stranger,
        f"hours.{KEYS[3]}.version.sequence": 2**60,
    }
    reports.update_one({"_id": ids[Family.SALES]}, {"$set": changes})
    reports.update_one({"_id": ids[Family.SALES]}, {"$unset": {f"hours.{KEYS[3]}.content.orders": 1}})
    reports.update_one({"_id": ids[Family.TRAFFIC]}, {"$set": {"hours": None, "schema": 99}})
    reports.delete_many({"_id": {"$in": [ids[Family.QUALITY], ids[Family.PRODUCTS]]}})


def test_a_damaged_report_becomes_a_ticket_and_then_the_number_without_a_reload(road, shop, page):
    sales, visitors = page.locator("#net_sales"), page.locator("#visitors")
    before, numbers = (sales.inner_text(), visitors.inner_text()), shop.stored_checksums()
    damage(road, shop)
    page.reload()
    page.evaluate("window.isTheSamePage = true")
    assert "Requested" in page.locator("[data-ticket]").first.inner_text()
    assert "This number is being computed again." in sales.inner_text()
    assert "999" not in page.locator("main").inner_text()
    sales.locator(".value").wait_for(timeout=REBUILT_WITHIN_MS)
    page.locator("[data-ticket]").first.wait_for(state="detached", timeout=REBUILT_WITHIN_MS)
    assert (sales.inner_text(), visitors.inner_text()) == before
    assert page.evaluate("window.isTheSamePage") is True
    road.wait()
    assert shop.stored_checksums() == numbers
    assert_reports_are_right(shop)
    assert_books_balance(shop)
    tickets = list(road.database[Collection.TICKETS].find({"merchant": shop.merchant}))
    assert [(ticket["state"], ticket["attempts"]) for ticket in tickets] == [("ready", 1)] * 2
