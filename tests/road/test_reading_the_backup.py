"""The main database is killed and held down: an open page goes over to the backup by itself, and back."""

import os
import signal
from datetime import UTC, datetime

import pytest

from stack import supervision
from tests.road.agreement import assert_reports_are_right
from tests.road.nights import back_up, back_up_decisions
from tests.road.pages import signed_in_page
from tests.road.shops import message

pytestmark = [pytest.mark.stack, pytest.mark.long]
PATIENCE = 120_000


def test_an_open_page_says_that_it_shows_the_backup_until_the_database_is_back(road, browser):
    shop = road.new_shop("reader")
    shop.send([message(None, datetime.now(UTC))])
    road.wait()
    with signed_in_page(browser, road, shop) as page:
        page.goto(f"/shops/{shop.merchant}/?range=today")
        banner = page.locator(".backup-line")
        assert banner.count() == 0
        back_up(road)
        back_up_decisions(road)
        os.kill(supervision.states(road.settings)["mongo"].pid, signal.SIGKILL)
        with road.stopped("mongo"):
            banner.wait_for(timeout=PATIENCE)
            assert "Nothing can be changed until it is back." in banner.inner_text()
            shop.send([message(None, datetime.now(UTC))])
            page.goto(f"/shops/{shop.merchant}/settings")
            page.get_by_role("button", name="Compute these days again").click()
            page.get_by_role("heading", name="Nothing can be changed right now.").wait_for()
            page.goto(f"/shops/{shop.merchant}/?range=today")
            banner.wait_for()
        banner.wait_for(state="detached", timeout=PATIENCE)
    road.wait_patiently()
    assert_reports_are_right(shop)
