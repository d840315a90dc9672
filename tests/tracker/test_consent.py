"""Who does not want to be counted is not; who has not answered yet is not either; who is counted without an id leaves none."""

import pytest
from playwright.sync_api import Page

from tests.tracker.conftest import Shop, breathe, names, visitors


def busy(page: Page) -> None:
    page.evaluate("footfall.track('A'); footfall.identify('c-7', {}); history.pushState({}, '', '/next')")
    breathe(page)


def kept(page: Page) -> str:
    return page.evaluate("document.cookie + Object.keys(localStorage)")


@pytest.mark.parametrize("signal, value", [("globalPrivacyControl", "true"), ("doNotTrack", "'1'")])
def test_a_browser_that_says_no_is_believed(shop: Shop, signal: str, value: str):
    shop.open("cups.html").close()
    shop.wait_for(1)
    shop.context.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{get: () => {value}}})")
    page = shop.open()
    busy(page)
    page.evaluate("footfall.consent('full')")
    assert kept(page) == "footfall=full."
    assert names(shop.all_messages()) == ["/cups.html"]


def test_nothing_is_kept_or_sent_before_the_answer_and_everything_after_it(shop: Shop):
    shop.add_page("wait.html", 'data-mode="wait"')
    requested: list[str] = []
    shop.context.on("request", lambda request: "/v1/" in request.url and requested.append(request.url))
    shop.context.clock.install()
    page = shop.open("wait.html")
    busy(page)
    page.clock.fast_forward(60_000)
    breathe(page)
    assert (kept(page), requested) == ("", [])
    page.evaluate("footfall.consent('full')")
    messages = shop.wait_for(4)
    assert sorted(names(messages)) == sorted(["/wait.html", "A", "identify", "/next"])
    assert len(visitors(messages)) == 1 and None not in visitors(messages)
    assert messages[0]["userId"] == "c-7"
    shop.open("wait.html")
    assert visitors(shop.wait_for(5)) == visitors(messages), "the answer holds for the next page"


def test_a_no_drops_what_waited_and_holds(shop: Shop):
    shop.add_page("wait.html", 'data-mode="wait"')
    page = shop.open("wait.html")
    page.evaluate("footfall.consent('none')")
    busy(page)
    assert kept(page) == "footfall=none."
    shop.open("tea.html")
    assert shop.all_messages() == []


def test_a_visitor_who_takes_the_consent_back_leaves_nothing(shop: Shop):
    page = shop.open()
    page.evaluate("footfall.identify('c-7'); localStorage.cart = '[]'")
    shop.wait_for(2)
    page.evaluate("footfall.track('Unsent'); footfall.consent('none'); footfall.track('After')")
    assert kept(page) == "footfall=none.cart"
    assert sorted(names(shop.all_messages())) == ["/tea.html", "identify"]


def test_another_open_page_does_not_bring_the_id_back(shop: Shop):
    first, second = shop.open(), shop.open("cups.html")
    second.evaluate("footfall.consent('none')")
    first.evaluate("footfall.track('A')")
    assert second.evaluate("document.cookie") == "footfall=none."


def test_without_cookies_there_is_no_id_and_nothing_is_kept(shop: Shop):
    shop.add_page("bare.html", 'data-mode="cookieless"')
    page = shop.open("bare.html")
    busy(page)
    page.evaluate("footfall.orderCompleted({order_id: '1001'})")
    assert kept(page) == ""
    messages = shop.wait_for(4)
    assert sorted(names(messages)) == sorted(["/bare.html", "A", "/next", "Order Completed"])
    assert all(message["context"]["cookieless"] is True for message in messages)
    assert not [m for m in messages if "anonymousId" in m or "userId" in m]


def test_an_answer_may_be_to_be_counted_without_an_id(shop: Shop):
    shop.add_page("wait.html", 'data-mode="wait"')
    page = shop.open("wait.html")
    busy(page)
    page.evaluate("footfall.consent('cookieless')")
    assert kept(page) == "footfall=cookieless."
    messages = shop.wait_for(3)
    assert visitors(messages) == {None} and "identify" not in names(messages)


def test_the_shops_own_people_leave_themselves_out(shop: Shop):
    page = shop.context.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.accept()))
    page.goto(f"{shop.url}/tea.html?a=1#footfall=off")
    assert page.evaluate("location.href") == f"{shop.url}/tea.html?a=1"
    page.evaluate("footfall.consent('full')")
    page.goto(f"{shop.url}/cups.html")
    busy(page)
    page.goto(f"{shop.url}/tea.html#footfall=on")
    assert names(shop.wait_for(1)) == ["/tea.html"] and told == ["#footfall=off", "#footfall=on"]
    assert len(shop.all_messages()) == 1


def test_a_link_does_not_undo_a_visitors_no(shop: Shop):
    page = shop.open()
    shop.wait_for(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("footfall.consent('none')")
    page.goto(f"{shop.url}/cups.html#footfall=on")
    assert len(shop.all_messages()) == 1
