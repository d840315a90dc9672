"""The hosts of a shop: visitors stay the same across them, and nothing is counted elsewhere."""

import re
import time

from playwright.sync_api import Page

from tests.tracker.conftest import Shop, names, visitors

BOTH = 'data-hosts="127.0.0.1\n  localhost"'


def page_with_ways(shop: Shop) -> Page:
    body = f"""<a id="there" href="{shop.other_url}/there.html?a=1">there</a>
        <a id="part" href="{shop.other_url}/there.html#part">part</a>
        <form id="go" action="{shop.other_url}/there.html"><input name="q" value="2"></form>"""
    shop.add_page("here.html", BOTH, body)
    shop.add_page("there.html", BOTH)
    return shop.open("here.html")


def test_a_link_carries_the_visitor_and_leaves_no_trace(shop: Shop):
    page = page_with_ways(shop)
    page.click("#there")
    page.wait_for_url("**/there.html?a=1")
    messages = shop.wait_for(2)
    assert names(messages) == ["/here.html", "/there.html"] and len(visitors(messages)) == 1
    assert messages[1]["properties"]["url"] == f"{shop.other_url}/there.html?a=1"
    page.reload()
    assert len(visitors(shop.wait_for(3))) == 1


def test_a_form_and_a_script_carry_the_visitor(shop: Shop):
    page = page_with_ways(shop)
    page.evaluate("go.requestSubmit()")
    page.wait_for_url("**/there.html?q=2")
    page.goto(f"{shop.url}/here.html")
    page.evaluate(f"location.href = footfall.link('{shop.other_url}/there.html')")
    page.wait_for_url("**/there.html")
    assert len(visitors(shop.wait_for(4))) == 1


def test_a_link_is_as_it_was_after_it_was_followed(shop: Shop):
    page = page_with_ways(shop)
    page.evaluate("addEventListener('click', event => event.preventDefault())")
    followed = page.evaluate("new Promise(seen => addEventListener('click', () => seen(there.href)) || there.click())")
    assert re.fullmatch(rf"{shop.other_url}/there.html\?a=1#footfall=[\d-]+\.\d+", followed)
    page.wait_for_function(f"there.href == '{shop.other_url}/there.html?a=1'")
    assert page.evaluate("part.click() || part.href") == f"{shop.other_url}/there.html#part"


def test_an_old_link_and_one_from_the_future_carry_nobody(shop: Shop):
    page_with_ways(shop)
    for minutes in (-2, 2):
        shop.open(f"{shop.other_url}/there.html#footfall=1-2-3-4.{int((time.time() + minutes * 60) * 1_000)}")
    messages = shop.wait_for(3)
    assert "1-2-3-4" not in visitors(messages) and len(visitors(messages)) == 2


def test_nobody_is_carried_to_a_host_that_is_not_the_shops(shop: Shop):
    page = shop.open("tea.html")
    assert page.evaluate(f"footfall.link('{shop.other_url}/tea.html')") == f"{shop.other_url}/tea.html"
    assert page.evaluate("footfall.link('cups.html')") == "cups.html"


def test_nobody_is_carried_before_the_answer(shop: Shop):
    shop.add_page("wait.html", f'{BOTH} data-mode="wait"')
    page = shop.open("wait.html")
    assert page.evaluate(f"footfall.link('{shop.other_url}/')") == f"{shop.other_url}/"


def test_a_carried_visitor_waits_for_the_answer(shop: Shop):
    page_with_ways(shop)
    shop.add_page("wait.html", f'{BOTH} data-mode="wait"')
    page = shop.open(f"{shop.other_url}/wait.html#footfall=1-2-3-4.{int(time.time() * 1_000)}")
    assert page.evaluate("document.cookie") == ""
    page.evaluate("footfall.consent('full')")
    assert "1-2-3-4" in visitors(shop.wait_for(2))


def test_on_hosts_that_are_not_listed_nothing_is_counted(shop: Shop):
    shop.add_page("own.html", 'data-hosts="shop.example 0.1"')
    page = shop.open(f"{shop.other_url}/own.html")
    page.evaluate("footfall.consent('full'); footfall.track('A')")
    shop.open("own.html")
    assert names(shop.all_messages()) == ["/own.html"], "127.0.0.1 ends in .0.1 as shops' hosts end in their domain"
