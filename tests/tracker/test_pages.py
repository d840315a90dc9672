"""Page views and calls: what a shop's page shows is what arrives."""

import json

from tests.tracker.conftest import Shop, breathe, events, names, visitors


def test_a_page_view_says_where_and_from_where(shop: Shop):
    shop.open("tea.html?utm_source=letter&utm_campaign=spring#top")
    (view,) = shop.wait_for(1)
    assert view["properties"] == {
        "path": "/tea.html",
        "url": f"{shop.url}/tea.html?utm_source=letter&utm_campaign=spring#top",
        "title": "Tea",
        "referrer": "",
    }
    assert view["context"]["page"] == view["properties"]
    assert view["context"]["library"]["name"] == "footfall.js"
    assert view["context"]["campaign"] == {"source": "letter", "name": "spring"}
    assert (view["context"]["locale"], view["context"]["timezone"]) == ("de-DE", "Europe/Berlin")
    (envelope,) = shop.envelopes()
    assert "Chrome" in envelope["user_agent"]


def test_messages_need_no_preflight_and_say_when_they_were_sent(shop: Shop):
    page = shop.context.new_page()
    methods: list[str] = []
    page.on("request", lambda request: "/v1/batch" in request.url and methods.append(request.method))
    with page.expect_request("**/v1/batch") as sent:
        page.goto(f"{shop.url}/tea.html")
    (view,) = shop.wait_for(1)
    assert set(methods) == {"POST"} and "campaign" not in view["context"]
    assert view["timestamp"] < json.loads(sent.value.post_data)["sentAt"]


def test_track_identify_and_reset(shop: Shop):
    page = shop.open()
    page.evaluate("footfall.track('Product Added', {product_id: 'p-1', price: 2.5})")
    page.evaluate("footfall.identify('customer-7', {plan: 'gold'})")
    page.evaluate("footfall.track('Order Completed', {order_id: '1001'})")
    page.evaluate("footfall.reset()")
    page.evaluate("footfall.track('After', {})")
    by_name = {message.get("event", message["type"]): message for message in shop.wait_for(5)}
    assert by_name["Product Added"]["properties"] == {"product_id": "p-1", "price": 2.5}
    assert "userId" not in by_name["Product Added"]
    assert (by_name["identify"]["userId"], by_name["identify"]["traits"]) == ("customer-7", {"plan": "gold"})
    assert by_name["Order Completed"]["userId"] == "customer-7"
    assert by_name["Order Completed"]["anonymousId"] == by_name["page"]["anonymousId"]
    assert "userId" not in by_name["After"] and by_name["After"]["anonymousId"] != by_name["page"]["anonymousId"]


def test_a_call_for_each_step_of_a_purchase(shop: Shop):
    shop.add_page("shop.html", 'data-currency="EUR"')
    page = shop.open("shop.html")
    page.evaluate("""() => {
        footfall.productsSearched({query: 'green tea'});
        footfall.productViewed({product_id: 'p-1', price: 2.5});
        footfall.productAdded({product_id: 'p-1', price: 2.5, quantity: 2, currency: 'USD'});
        footfall.productRemoved({product_id: 'p-1'});
        footfall.cartViewed({products: [{product_id: 'p-1'}]});
        footfall.checkoutStarted();
        footfall.orderCompleted({order_id: '1001', total: '5.00'});
    }""")
    tracks = events(shop.wait_for(8), "track")
    assert sorted(names(tracks)) == sorted(
        [
            "Products Searched",
            "Product Viewed",
            "Product Added",
            "Product Removed",
            "Cart Viewed",
            "Checkout Started",
            "Order Completed",
        ]
    )
    by_name = {message["event"]: message["properties"] for message in tracks}
    assert by_name["Product Viewed"] == {"currency": "EUR", "product_id": "p-1", "price": 2.5}
    assert by_name["Product Added"]["currency"] == "USD"
    assert by_name["Checkout Started"] == {"currency": "EUR"}


def test_a_page_that_changes_without_loading_is_seen_each_time(shop: Shop):
    page = shop.open()
    page.evaluate("history.pushState({}, '', '/cups')")
    breathe(page)
    page.evaluate("history.pushState({}, '', '/x'); history.replaceState({}, '', '/plates?size=2')")
    breathe(page)
    page.evaluate("history.replaceState({}, '', '/plates?size=2#more')")
    page.go_back()
    messages = shop.wait_for(4)
    assert names(messages) == ["/tea.html", "/cups", "/plates", "/cups"]
    referrers = [message["properties"]["referrer"] for message in messages]
    assert referrers[:3] == ["", f"{shop.url}/tea.html", f"{shop.url}/cups"]


def test_a_visitor_stays_the_same_from_page_to_page(shop: Shop):
    page = shop.open()
    page.goto(f"{shop.url}/cups.html")
    messages = shop.wait_for(2)
    assert names(messages) == ["/tea.html", "/cups.html"] and len(visitors(messages)) == 1


def test_without_local_storage_a_visitor_stays_the_same(shop: Shop):
    shop.context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1 }})")
    page = shop.open()
    page.goto(f"{shop.url}/cups.html")
    assert len(visitors(shop.wait_for(2))) == 1


EVENTS = "Outbound Click, File Download, Form Submit, Scroll"
LINKS = """<p><a id="out" href="https://elsewhere.example/x">out</a> <a id="own" href="#own"><b>own</b></a>
<a id="file" href="/list.pdf">file</a> <a id="bare" href="/list" download>bare</a>
<a id="mail" href="mailto:a@b.example">mail</a></p>
<form id="letter"><input name="action" value="secret"><button>Send</button></form><div style="height: 4000px"></div>"""


def clicked(shop: Shop, attributes: str) -> list[dict]:
    shop.add_page("auto.html", attributes, LINKS)
    page = shop.open("auto.html")
    page.evaluate("addEventListener('click', event => event.preventDefault())")
    page.evaluate("addEventListener('submit', event => event.preventDefault())")
    for place in ("out", "own", "file", "bare", "mail"):
        page.evaluate(f"document.getElementById('{place}').click()")
    page.click("#out", button="right")
    page.evaluate("letter.requestSubmit()")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    breathe(page)
    return [message for message in shop.all_messages() if message["type"] == "track"]


def test_what_the_shop_names_is_tracked_without_a_call(shop: Shop):
    found = clicked(shop, f'data-track="{EVENTS}"')
    assert sorted(
        (message["event"], *message["properties"].values()) for message in found if message["event"] != "Scroll"
    ) == [
        ("File Download", f"{shop.url}/list"),
        ("File Download", f"{shop.url}/list.pdf"),
        ("Form Submit", "letter"),
        ("Outbound Click", "https://elsewhere.example/x"),
    ]
    assert {"percent_scrolled": 100} in [message["properties"] for message in events(found, "track")]


def test_a_link_opened_in_a_new_tab_is_followed_too(shop: Shop):
    shop.add_page("auto.html", 'data-track="Outbound Click"', f'<a id="out" href="{shop.other_url}/cups.html">out</a>')
    page = shop.open("auto.html")
    with shop.context.expect_page():
        page.click("#out", button="middle")
    (click,) = events(shop.all_messages(), "track")
    assert click["properties"] == {"link_url": f"{shop.other_url}/cups.html"}


def test_nothing_is_tracked_that_the_shop_does_not_name(shop: Shop):
    assert clicked(shop, "") == []


def test_each_quarter_of_a_page_is_told_once(shop: Shop):
    shop.add_page("long.html", 'data-track="Scroll"', '<div style="height: 8000px"></div>')
    page = shop.open("long.html")
    for place in (0.3, 0.1, 0.6, 0.3, 1):
        page.evaluate(f"scrollTo(0, {place} * document.documentElement.scrollHeight)")
        breathe(page)
    found = events(shop.all_messages(), "track")
    assert sorted(message["properties"]["percent_scrolled"] for message in found) == [25, 50, 100]
