"""Delivery: whatever happens to page, network and collector, each message arrives once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.collector.own_broker import OwnBroker, running_own_broker
from tests.collector.running import RunningCollector, make_topic, running_collector, until
from tests.tracker.conftest import Shop, close, events, names, visitors


def test_a_page_left_at_once_is_counted(shop: Shop):
    page = shop.open()
    page.evaluate("footfall.track('Product Clicked', {}); location.href = 'about:blank'")
    assert names(shop.wait_for(2)) == ["/tea.html", "Product Clicked"]


def test_a_closed_page_is_counted(shop: Shop):
    shop.open().close(run_before_unload=True)
    assert names(shop.wait_for(1)) == ["/tea.html"]


def test_pages_that_follow_each_other_quickly_are_counted_once_each(shop: Shop):
    page = shop.open()
    for path in ("cups.html", "tea.html?2", "cups.html?3", "tea.html?4"):
        page.goto(f"{shop.url}/{path}")
    shop.wait_for(5)
    assert len(shop.all_messages()) == 5


def test_two_open_pages_send_each_message_once(shop: Shop):
    for path in ("tea.html", "cups.html"):
        shop.open(path).evaluate(
            "let n = 0; const timer = setInterval(() => footfall.track('E' + ++n) || n == 20 && clearInterval(timer), 40)"
        )
    messages = shop.wait_for(42)
    assert len(visitors(messages)) == 1 and len(events(messages, "track")) == 40
    assert len(shop.all_messages()) == 42


def test_an_hour_offline_arrives_when_the_network_is_back(shop: Shop):
    shop.context.clock.install()
    page = shop.open()
    shop.wait_for(1)
    shop.context.set_offline(True)
    page.evaluate("footfall.track('Offline')")
    page.clock.fast_forward(3_600_000)
    page.evaluate("footfall.track('Still offline')")
    page.clock.fast_forward(10_000)
    shop.context.set_offline(False)
    assert sorted(names(shop.wait_for(3))) == ["/tea.html", "Offline", "Still offline"]


def test_a_tab_closed_offline_and_opened_again_loses_nothing(shop: Shop):
    page = shop.open()
    shop.wait_for(1)
    shop.context.set_offline(True)
    page.evaluate("footfall.orderCompleted({order_id: '1001'})")
    close(page)
    shop.context.set_offline(False)
    shop.open("cups.html")
    messages = shop.wait_for(3)
    assert sorted(names(messages)) == ["/cups.html", "/tea.html", "Order Completed"]
    assert len(shop.all_messages()) == 3


def test_a_large_message_does_not_block_the_queue(shop: Shop):
    page = shop.open()
    page.evaluate(
        "footfall.track('Large', {text: 'x'.repeat(30000)}); footfall.track('Small', {text: 'é'.repeat(9000)})"
    )
    assert sorted(names(shop.wait_for(3))) == ["/tea.html", "Large", "Small"]


def test_of_a_long_time_offline_the_latest_500_are_kept(shop: Shop):
    page = shop.open()
    shop.wait_for(1)
    shop.context.set_offline(True)
    page.evaluate(
        "for (let n = 0; n < 505; n++) { footfall.track('E' + n); for (const t = Date.now(); t == Date.now();); }"
    )
    shop.context.set_offline(False)
    found = set(names(shop.wait_for(501, seconds=30)))
    assert found == {"/tea.html", *(f"E{number}" for number in range(5, 505))}


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with running_own_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
def own_collector(own_broker: OwnBroker, tracker_file: Path, tmp_path: Path) -> Iterator[RunningCollector]:
    make_topic(own_broker.bootstrap)
    settings = {"FOOTFALL_TRACKER_FILE": str(tracker_file), "FOOTFALL_DELIVERY_TIMEOUT_SECONDS": "1"}
    with running_collector(own_broker.bootstrap, tmp_path, **settings) as running:
        until(running.is_ready)
        yield running


def once(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One of each id."""
    return list({message["messageId"]: message for message in messages}.values())


def test_while_the_broker_hangs_messages_wait_as_long_as_they_are_asked_to(
    own_broker: OwnBroker, own_collector: RunningCollector, context: BrowserContext, tmp_path: Path
):
    pages = tmp_path / "pages"
    pages.mkdir()
    shop = Shop(pages, own_collector, context)
    shop.add_page("tea.html")
    own_broker.hang()
    page = context.new_page()
    with page.expect_response(lambda response: response.status == 503) as refused:
        page.goto(f"{shop.url}/tea.html")
    asked_ms = int(refused.value.headers["retry-after"]) * 1_000
    page.evaluate("footfall.track('While it hangs')")
    until(lambda: "pause" in page.evaluate("Object.keys(localStorage).join()"), pause=shop.wait)
    pause_ms = page.evaluate("localStorage['footfall.pause'] - Date.now()")
    assert asked_ms - 1_000 < pause_ms <= asked_ms
    with context.expect_event("request", lambda request: "/v1/batch" in request.url) as again:
        page.goto(f"{shop.url}/tea.html?next")
        own_broker.go_on()
    assert "While it hangs" in again.value.post_data
    # a broker that comes back may have taken what was answered with 503: a copy, with the same id
    until(lambda: len(once(shop.messages())) >= 3, pause=shop.wait)
    assert sorted(names(once(shop.messages()))) == ["/tea.html", "/tea.html", "While it hangs"]
    shop.close()
