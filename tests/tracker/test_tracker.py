"""The tracker in a real browser: what a shop's page shows is what arrives."""

import gzip

import requests
from playwright.sync_api import BrowserContext, Page, Route

from tests.tracker.conftest import Shop

GZIPPED_BYTES = 2_560


def events(messages: list[dict], kind: str) -> list[dict]:
    return [message for message in messages if message["type"] == kind]


def paths(messages: list[dict]) -> list[str]:
    return [message["properties"]["path"] for message in events(messages, "page")]


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.footfall && window.footfall.version")
    return page


def test_the_tracker_is_small(tracker_file):
    assert len(gzip.compress(tracker_file.read_bytes(), 9)) <= GZIPPED_BYTES


def test_it_is_served_with_a_tag_and_a_life(tracked_collector):
    address = f"{tracked_collector.url}/footfall.js"
    first = requests.get(address, timeout=10)
    assert first.ok and first.headers["content-type"].startswith("text/javascript")
    assert first.headers["content-encoding"] == "gzip" and "max-age" in first.headers["cache-control"]
    again = requests.get(address, headers={"if-none-match": first.headers["etag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_view_and_an_early_call_arrive(shop: Shop, context: BrowserContext):
    opened(context, f"{shop.url}/tea.html?utm_source=letter&utm_campaign=spring#top")
    messages = shop.wait_for(lambda found: len(found) == 2)
    (view,) = events(messages, "page")
    assert view["properties"] == {
        "path": "/tea.html",
        "url": f"{shop.url}/tea.html?utm_source=letter&utm_campaign=spring#top",
        "title": "Tea",
        "referrer": "",
    }
    assert view["context"]["library"]["name"] == "footfall.js"
    assert view["context"]["campaign"] == {"source": "letter", "name": "spring"}
    assert (view["context"]["locale"], view["context"]["timezone"]) == ("de-DE", "Europe/Berlin")
    assert "Chrome" in view["context"]["userAgent"]
    (early,) = events(messages, "track")
    assert (early["event"], early["properties"]) == ("Called Early", {"n": 1})
    assert early["anonymousId"] == view["anonymousId"] and early["messageId"] != view["messageId"]


def test_messages_need_no_preflight_and_say_when_they_were_sent(shop: Shop, context: BrowserContext):
    page = context.new_page()
    methods = []
    page.on("request", lambda request: "/v1/batch" in request.url and methods.append(request.method))
    page.goto(f"{shop.url}/tea.html")
    messages = shop.wait_for(lambda found: len(found) == 2 and methods)
    assert set(methods) == {"POST"}
    assert messages[0]["context"]["page"]["path"] == "/tea.html"


def test_track_identify_and_reset(shop: Shop, context: BrowserContext):
    page = opened(context, f"{shop.url}/tea.html")
    page.evaluate("footfall.track('Product Added', {product_id: 'p-1', price: 2.5})")
    page.evaluate("footfall.identify('customer-7', {plan: 'gold'})")
    page.evaluate("footfall.track('Order Completed', {order_id: '1001'})")
    page.evaluate("footfall.reset()")
    page.evaluate("footfall.track('After', {})")
    messages = shop.wait_for(lambda found: len(found) == 6)
    by_name = {message.get("event", message["type"]): message for message in messages}
    assert by_name["Product Added"]["properties"] == {"product_id": "p-1", "price": 2.5}
    assert "userId" not in by_name["Product Added"]
    assert (by_name["identify"]["userId"], by_name["identify"]["traits"]) == ("customer-7", {"plan": "gold"})
    assert by_name["Order Completed"]["userId"] == "customer-7"
    assert by_name["Order Completed"]["anonymousId"] == by_name["page"]["anonymousId"]
    assert "userId" not in by_name["After"] and by_name["After"]["anonymousId"] != by_name["page"]["anonymousId"]


def test_a_page_that_changes_without_loading_is_seen_each_time(shop: Shop, context: BrowserContext):
    page = opened(context, f"{shop.url}/tea.html")
    page.evaluate("history.pushState({}, '', '/cups')")
    page.wait_for_timeout(20)
    page.evaluate("history.pushState({}, '', '/x'); history.replaceState({}, '', '/plates?size=2')")
    page.wait_for_timeout(20)
    page.evaluate("history.replaceState({}, '', '/plates?size=2#more')")
    page.go_back()
    messages = shop.wait_for(lambda found: len(events(found, "page")) >= 4)
    assert paths(messages) == ["/tea.html", "/cups", "/plates", "/cups"]
    referrers = [message["properties"]["referrer"] for message in events(messages, "page")]
    assert referrers[:3] == ["", f"{shop.url}/tea.html", f"{shop.url}/cups"]


def test_a_page_left_at_once_is_counted(shop: Shop, context: BrowserContext):
    page = opened(context, f"{shop.url}/tea.html")
    page.evaluate("footfall.track('Product Clicked', {}); location.href = 'about:blank'")
    messages = shop.wait_for(lambda found: len(found) == 3)
    assert paths(messages) == ["/tea.html"]
    assert {message["event"] for message in events(messages, "track")} == {"Called Early", "Product Clicked"}


def test_a_closed_page_is_counted(shop: Shop, context: BrowserContext):
    opened(context, f"{shop.url}/tea.html").close(run_before_unload=True)
    assert paths(shop.wait_for(lambda found: len(found) == 2)) == ["/tea.html"]


def test_a_visitor_stays_the_same_from_page_to_page(shop: Shop, context: BrowserContext):
    page = opened(context, f"{shop.url}/tea.html")
    page.goto(f"{shop.url}/cups.html")
    messages = shop.wait_for(lambda found: len(found) == 4)
    assert paths(messages) == ["/tea.html", "/cups.html"]
    assert len({message["anonymousId"] for message in messages}) == 1
    assert len({message["messageId"] for message in messages}) == 4


def test_a_visitor_without_local_storage_has_a_cookie(shop: Shop, context: BrowserContext):
    context.add_init_script(
        "delete window.localStorage; Object.defineProperty(window, 'localStorage', {get() { throw 1 }})"
    )
    page = opened(context, f"{shop.url}/tea.html")
    page.goto(f"{shop.url}/cups.html")
    messages = shop.wait_for(lambda found: len(found) == 4)
    assert len({message["anonymousId"] for message in messages}) == 1


def test_what_a_failing_collector_refused_is_sent_again_and_once(shop: Shop, context: BrowserContext):
    refusals = []

    def refuse_twice(route: Route) -> None:
        if len(refusals) < 2:
            refusals.append(route.request.post_data)
            headers = {"retry-after": "1", "access-control-allow-origin": "*"}
            route.fulfill(status=503, headers=headers | {"access-control-expose-headers": "retry-after"})
        else:
            route.continue_()

    context.route("**/v1/batch", refuse_twice)
    opened(context, f"{shop.url}/tea.html")
    messages = shop.wait_for(lambda found: len(found) == 2)
    assert len(refusals) == 2 and len({message["messageId"] for message in messages}) == 2


def test_what_could_not_be_sent_is_sent_by_the_next_page(shop: Shop, context: BrowserContext):
    context.route("**/v1/batch", lambda route: route.abort())
    page = context.new_page()
    with page.expect_event("requestfailed"):
        page.goto(f"{shop.url}/tea.html")
    page.goto("about:blank")
    context.unroute("**/v1/batch")
    opened(context, f"{shop.url}/cups.html")
    messages = shop.wait_for(lambda found: len(found) == 4)
    assert paths(messages) == ["/tea.html", "/cups.html"]


def test_a_large_message_does_not_block_the_queue(shop: Shop, context: BrowserContext):
    page = opened(context, f"{shop.url}/tea.html")
    page.evaluate(
        "footfall.track('Large', {text: 'x'.repeat(30000)}); footfall.track('Small', {text: 'é'.repeat(9000)})"
    )
    messages = shop.wait_for(lambda found: len(found) == 4)
    assert {message["event"] for message in events(messages, "track")} == {"Called Early", "Large", "Small"}
