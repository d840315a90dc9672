"""A rule is rehearsed in a browser: the page shows the answer by itself, and replays with it."""

import pytest

from contracts.names import Collection
from tests.report_app.documents import NOW
from tests.report_app.test_rehearsals import CAUSE, RESULT


@pytest.fixture
def decisions(shop_database):
    yield shop_database
    for name in (Collection.REHEARSALS, Collection.REPAIR_RULES):
        shop_database[name].delete_many({})


def test_a_rehearsal_is_awaited_read_and_replayed(open_page, decisions):
    page = open_page(f"/shops/nordlicht/inbox/{CAUSE}", 360)
    page.get_by_text("Set a field").click()
    page.get_by_label("Its value").fill("9" * 200)
    page.keyboard.press("Enter")
    page.locator("[data-awaited]").wait_for()
    assert decisions[Collection.REPAIR_RULES].count_documents({}) == 0, "Enter rehearses, it does not replay"
    answer = {"state": "ready", "result": RESULT, "changed_at": NOW}
    decisions[Collection.REHEARSALS].update_one({}, {"$set": answer})
    page.get_by_text("+3 orders, +€120.00 net sales").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Replay with this rule").click()
    page.get_by_text("Asked for; it is carried out within seconds.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
