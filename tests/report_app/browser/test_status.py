"""The operators' status page on a desk and on a phone, by day and by night."""

import pytest

from contracts.names import Collection
from tests.report_app.browser.conftest import signed_in
from tests.report_app.browser.test_pages import SMALL_TARGETS
from tests.report_app.documents import user
from tests.report_app.promised import fill_status


@pytest.fixture(scope="module")
def session_state(browser, address, shop_database):
    """Of an operator without a shop."""
    fill_status(shop_database)
    shop_database[Collection.USERS].insert_one(user(_id="otto@example.com", merchants=[], is_operator=True))
    return signed_in(browser, address, "otto@example.com", "Status of the platform", "/status")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (820, "light"), (1440, "light")])
def test_it_fits_and_says_in_words_what_it_shows_in_colours(open_page, width, scheme):
    page = open_page("/status", width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert width > 820 or page.evaluate(SMALL_TARGETS) == []
    lag = page.get_by_role("region", name="Lag")
    assert "Broken" in lag.inner_text() and "at most 42 h" in lag.inner_text()
    assert "Kept" in page.get_by_role("region", name="Freshness").inner_text()
