"""Pages as a shop owner sees them: on a desk and on a phone, by day and by night, with and without scripts."""

import pytest

from contracts.names import Collection
from tests.report_app.documents import NOW, PASSWORD, Archive, commit_batch, merchant
from tests.report_app.failed import failed
from tests.report_app.filled_shop import HOSTILE
from tests.report_app.hooked import WEBHOOK

CAUSE = failed(0)["cause"]
PATHS = (
    "/shops/nordlicht/",
    "/shops/nordlicht/?range=today&show=visitors",
    "/shops/nordlicht/?range=90d",
    "/shops/nordlicht/products?rows=all",
    "/shops/nordlicht/quality",
    "/shops/nordlicht/inbox",
    f"/shops/nordlicht/inbox/{CAUSE}",
    "/shops/nordlicht/settings",
    "/shops/nordlicht/orders",
    "/shops/nordlicht/arrivals",
    "/shops/nordlicht/webhooks",
    f"/shops/nordlicht/webhooks/{WEBHOOK}",
    "/shops/nordlicht/people",
    "/numbers",
)
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden], label > input), label:has(> input)")]
  .filter((e) => e.offsetParent !== null && !e.closest("p:not(.more,.measures), dd, pre") && !e.matches(".skip"))
  .map((e) => [e.textContent.trim() || e.id, e.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && box.height < 43.5)
  .map(([text, box]) => `${text} ${box.width} x ${box.height}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 820, 1440])
def test_nothing_scrolls_sideways(open_page, width, scheme):
    page = open_page("/", width, scheme)
    for path in PATHS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("path", ["", "inbox", f"inbox/{CAUSE}", f"webhooks/{WEBHOOK}", "orders", "arrivals", "people"])
def test_targets_are_large_enough_for_a_thumb(open_page, path):
    page = open_page(f"/shops/nordlicht/{path}", 360)
    assert page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("width", [360, 1440])
def test_why_opens_and_closes_by_keyboard(open_page, width):
    page = open_page("/shops/nordlicht/", width)
    why = page.locator("#net_sales").get_by_role("link", name="Why?")
    why.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Net sales")
    assert panel.is_visible()
    assert "adds up" in panel.inner_text()
    assert panel.evaluate("panel => panel.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert why.evaluate("link => link === document.activeElement")


def test_every_why_opens_its_own_panel(open_page):
    page = open_page("/shops/nordlicht/")
    for link in page.locator("[data-why]").all():
        link.click()
        assert page.locator("dialog[open]").get_attribute("id") == f"why-{link.get_attribute('data-why')}"
        page.get_by_label("Close").locator("visible=true").click()
        assert page.locator("dialog[open]").count() == 0


def test_everything_works_before_scripts_are_there(open_page):
    page = open_page("/shops/nordlicht/", 360, with_script=False)
    page.locator("#orders").get_by_role("link", name="Why?").click()
    assert page.locator("#why-orders").is_visible()
    page.goto("/shops/nordlicht/")
    page.locator(".pick summary").click()
    page.get_by_label("First day").fill("2026-11-01")
    page.get_by_label("Last day").fill("2026-11-07")
    page.get_by_role("button", name="Show these days").click()
    assert "from=2026-11-01&to=2026-11-07" in page.url
    assert "1 Nov – 7 Nov" in page.locator(".strip").inner_text()


def test_a_hostile_product_name_is_inert(open_page):
    page = open_page("/shops/nordlicht/products?range=28d&rows=all")
    assert page.get_by_text(HOSTILE).first.is_visible()
    assert page.locator("img").count() == 0
    assert page.title().startswith("Products")


def test_a_rule_is_rehearsed_and_replayed_by_keyboard(open_page, shop_database):
    page = open_page("/shops/nordlicht/inbox", 360)
    page.get_by_role("link", name="An amount is not a number.").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Set a field").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("12.50")
    page.keyboard.press("Enter")
    page.locator("[data-awaited]").wait_for()
    rehearsed = shop_database[Collection.REHEARSALS].find_one_and_delete({"cause": CAUSE})
    assert (rehearsed["rule"]["to"], rehearsed["asked_by"]) == ("12.50", "anna@example.com")
    page.go_back()
    page.get_by_text("Set a field").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Its value").fill("12.50")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Set properties.revenue to “12.50”.").wait_for()
    order = shop_database[Collection.REPAIR_RULES].find_one_and_delete({"_id": CAUSE})
    assert (order["rule"]["to"], order["made_by"]) == ("12.50", "anna@example.com")


def test_nothing_comes_from_elsewhere_and_the_first_view_is_light(open_page, address):
    page = open_page("/shops/nordlicht/settings")
    sizes, elsewhere = [], []

    def note(response):
        sizes.append(len(response.body()))
        if not response.url.startswith(address):
            elsewhere.append(response.url)

    page.on("response", note)
    page.goto("/shops/nordlicht/?range=28d", wait_until="networkidle")
    assert elsewhere == []
    assert 0 < sum(sizes) < 150_000


def test_an_open_page_takes_over_new_numbers(open_page, shop_database):
    page = open_page("/shops/nordlicht/?range=today", 1440)
    before = page.locator(".strip").inner_text()
    page.locator("[data-why=orders]").focus()
    commit_batch(shop_database, NOW.replace(minute=31), 42)
    page.evaluate("refresh()")
    page.wait_for_function("before => document.querySelector('.strip').innerText !== before", arg=before)
    commit_batch(shop_database, NOW.replace(second=39), 42)
    assert page.evaluate("document.activeElement.dataset.why") == "orders"
    assert "14:31" in page.locator(".strip").inner_text()


def taken_over(page, database):
    """New numbers on an open page; then what has the focus."""
    before = page.locator(".strip").inner_text()
    commit_batch(database, NOW.replace(minute=31), 42)
    page.evaluate("refresh()")
    page.wait_for_function("before => document.querySelector('.strip').innerText !== before", arg=before)
    commit_batch(database, NOW.replace(second=39), 42)
    return page.evaluate("document.activeElement.innerText.trim()")


def test_opened_rows_stay_open_and_keep_the_focus(open_page, shop_database):
    page = open_page("/shops/nordlicht/products?range=28d", 360)
    rows = page.locator(".products details")
    hostile = page.locator(".products summary", has_text=HOSTILE)
    rows.nth(2).locator("summary").click()
    hostile.focus()
    page.keyboard.press("Enter")
    opened = page.locator(".products details[open] summary").all_inner_texts()
    assert len(opened) == 2
    page.evaluate("[...document.querySelectorAll('.products details')].forEach((one) => one.dataset.isOld = 'yes')")
    assert taken_over(page, shop_database) == HOSTILE
    assert rows.count() > 2 and page.locator("[data-is-old]").count() == 0, "these are new rows"
    assert page.locator(".products details[open] summary").all_inner_texts() == opened
    page.keyboard.press("Enter")
    assert page.locator(".products details[open]").count() == 1, "the keyboard goes on where it was"


def test_an_open_table_keeps_the_focus(open_page, shop_database):
    page = open_page("/shops/nordlicht/?range=today")
    table = page.get_by_text("The same numbers as a table")
    table.focus()
    page.keyboard.press("Enter")
    assert taken_over(page, shop_database) == "The same numbers as a table"
    assert page.locator(".as-table").evaluate("table => table.open")


def test_the_first_event_is_told_within_seconds(open_page, shop_database):
    new_shop = merchant(_id="new-shop", name="New shop")
    shop_database[Collection.MERCHANTS].replace_one({"_id": "new-shop"}, new_shop, upsert=True)
    shop_database[Collection.USERS].update_one({}, {"$addToSet": {"merchants": "new-shop"}})
    page = open_page("/shops/new-shop/", 360)
    assert page.get_by_text("No event has arrived yet").is_visible()
    Archive(shop_database, "new-shop").hours(NOW.replace(minute=0, second=0), ["a"], page_views=1)
    page.get_by_text("Your first event has arrived").wait_for(timeout=10_000)
    page.get_by_role("link", name="Open today’s numbers").click()
    assert page.locator("#page_views .value").inner_text() == "1"
    page.close()  # an open page goes on asking for a shop that is about to be taken away
    shop_database[Collection.USERS].update_one({}, {"$pull": {"merchants": "new-shop"}})


def test_the_chart_has_a_table_of_the_same_numbers(open_page):
    page = open_page("/shops/nordlicht/?show=orders")
    page.get_by_text("The same numbers as a table").click()
    rows = page.locator(".as-table tbody tr")
    assert rows.count() == 28
    total = sum(int(text) for text in rows.locator("td:nth-child(2)").all_inner_texts())
    assert total == int(page.locator("#orders .value").inner_text().replace(",", ""))


@pytest.mark.parametrize("width", [360, 1440])
def test_the_sign_in_fits_and_works_by_keyboard(browser, address, width):
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 640})
    page = context.new_page()
    page.goto("/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.type("anna@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("do not fit together").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Overview").wait_for()
    context.close()


def test_it_prints_without_navigation(open_page):
    page = open_page("/shops/nordlicht/")
    page.emulate_media(media="print")
    assert not page.locator(".side").is_visible()
    assert not page.locator(".range").is_visible()
    assert page.locator("#net_sales .value").is_visible()
