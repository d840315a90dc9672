"""The tracker in Debian's Firefox: whatever happens to the page, each message arrives once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.running import RunningCollector, until
from tests.tracker.conftest import Site, names
from tests.tracker.firefox import FIREFOX, Firefox, running_firefox

pytestmark = pytest.mark.long


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    if not FIREFOX.exists():
        pytest.skip(f"{FIREFOX} is not installed")
    with running_firefox(tmp_path) as browser:
        yield browser


@pytest.fixture
def site(tracked_collector: RunningCollector, tmp_path: Path) -> Iterator[Site]:
    pages = tmp_path / "pages"
    pages.mkdir()
    found = Site(pages, tracked_collector)
    found.add_page("tea.html")
    found.add_page("cups.html")
    yield found
    found.close()


def opened(site: Site, firefox: Firefox) -> None:
    """A page whose view has arrived, and that knows it: one that is left while it sends may send twice. Its turn to send is over."""
    firefox.open(f"{site.url}/tea.html")
    until(lambda: not firefox.run("return Object.keys(localStorage).length"))
    until(lambda: not firefox.run("return navigator.locks.query().then(({held}) => held.length)"))
    site.wait_for(1)


def assert_all(site: Site, firefox: Firefox, *wanted: str) -> None:
    """These arrive, each once; and so it is still when a page that was opened behind them is counted."""
    site.wait_for(len(wanted))
    firefox.open(f"{site.url}/cups.html?last")
    assert sorted(names(site.wait_for(len(wanted) + 1))) == sorted([*wanted, "/cups.html"])


def test_a_page_left_at_once_is_counted(site: Site, firefox: Firefox):
    opened(site, firefox)
    firefox.do("footfall.track('Product Clicked', {}); location.href = 'about:blank'")
    assert_all(site, firefox, "/tea.html", "Product Clicked")


def test_a_closed_tab_is_counted(site: Site, firefox: Firefox):
    opened(site, firefox)
    firefox.do("footfall.orderCompleted({order_id: '1001'})")
    firefox.close_tab()
    assert_all(site, firefox, "/tea.html", "Order Completed")


def test_what_happens_offline_arrives_when_the_network_is_back(site: Site, firefox: Firefox):
    opened(site, firefox)
    firefox.set_offline(True)
    firefox.do("footfall.track('Offline'); window.failed = 0; fetch('/').catch(() => window.failed = 1)")
    until(lambda: firefox.run("return window.failed"))
    firefox.do("footfall.track('Still offline')")
    firefox.set_offline(False)
    assert_all(site, firefox, "/tea.html", "Offline", "Still offline")


def test_a_tab_closed_offline_and_opened_again_loses_nothing(site: Site, firefox: Firefox):
    opened(site, firefox)
    firefox.set_offline(True)
    firefox.do("footfall.orderCompleted({order_id: '1001'})")
    firefox.close_tab()
    firefox.set_offline(False)
    firefox.open(f"{site.url}/tea.html?again")
    assert_all(site, firefox, "/tea.html", "Order Completed", "/tea.html")
