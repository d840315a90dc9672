import re
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.names import BatchState, Collection
from contracts.reports import Family
from report_app import create_app
from report_app.services import outside
from tests.report_app.documents import (
    NOW,
    Archive,
    commit_batch,
    local_hour,
    merchant,
    product,
    products,
    quality,
    sales,
    user,
)

AGAIN = "This number is being computed again"


@pytest.fixture
def archive(database):
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    return Archive(database)


@pytest.fixture
def filled(archive):
    archive.hours(local_hour("2026-11-23 10"), ["a", "b"], page_views=5, orders=2, goods=3000, refunds=500)
    archive.hours(local_hour("2026-11-16 10"), ["a"], page_views=4, orders=1, goods=2000)
    archive.day(local_hour("2026-11-23 10").date(), products(product("p", name="Lamp", revenue=3000)))
    archive.day(local_hour("2026-11-16 10").date(), products(product("p", name="Lamp", revenue=2000)))
    return archive


@pytest.fixture
def page(sign_in):
    """The text of a page of the shop, its tags as they are."""

    def get(query="range=7d", path="/shops/nordlicht/"):
        answer = sign_in().get(f"{path}?{query}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    return get


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def card(html, key):
    found = re.search(rf'<div class="card figure" id="{key}">(.*?)\n</div>', html, re.DOTALL)
    return words(found[1])


def test_cards_show_figures_and_what_they_are_compared_with(filled, page):
    html = page()
    assert card(html, "net_sales").startswith("Net sales why? €25.00 ▲ up 25% from €20.00")
    assert "Orders why? 2 ▲ up 100% from 1" in card(html, "orders")
    assert "€15.00" in card(html, "average_order")
    assert "Visitors why? 2" in card(html, "visitors")
    assert "Page views why? 5" in card(html, "page_views")


def test_the_strip_says_until_when_which_days_zone_currency_and_comparison(filled, page):
    text = words(page())
    assert "On time : complete until 24 Nov, 14:32, computed 14:32:41" in text
    assert "17 Nov – 23 Nov, Europe/Berlin, in EUR" in text
    assert "compared with 10 Nov – 16 Nov" in text


def test_today_says_until_when_and_compares_complete_hours_with_last_week(filled, page):
    filled.hours(local_hour("2026-11-24 13"), orders=1, goods=1000)
    filled.hours(local_hour("2026-11-24 14"), orders=1, goods=9000)
    filled.hours(local_hour("2026-11-17 13"), orders=1, goods=500)
    filled.hours(local_hour("2026-11-17 14"), orders=1, goods=700)
    html = page("range=today")
    assert "Tue 24 Nov, until 14:32" in words(html)
    assert "compared with Tue 17 Nov, complete hours until 14:00" in words(html)
    assert "€100.00 ▲ up 100% by 14:00: €10.00, from €5.00" in card(html, "net_sales")


@pytest.mark.parametrize("family", [Family.SALES, Family.TRAFFIC])
def test_a_damaged_report_is_never_a_number(filled, page, database, family):
    shown = {Family.SALES: ("net_sales", "orders", "average_order"), Family.TRAFFIC: ("visitors", "page_views")}[family]
    change = {"hours.2026-11-23T09:00Z.content.injected": 1}
    database[Collection.REPORTS].update_one({"family": str(family), "day": "2026-11-23"}, {"$set": change})
    html = page()
    for key in shown:
        assert AGAIN in card(html, key)
        assert not re.search(r"\d", card(html, key))
    panel = re.search(rf'<dialog class="panel" id="why-{shown[0]}"(.*?)</dialog>', html, re.DOTALL)[1]
    assert "There is no receipt" in panel
    assert "Messages received" not in panel
    if family is Family.TRAFFIC:
        assert "carry no visitor id" not in html


def test_a_missing_report_of_a_due_hour_is_being_computed(filled, page, database):
    database[Collection.REPORTS].delete_one({"family": "sales", "day": "2026-11-23"})
    due = {"_id": "nordlicht/hour/2026-11-23T09:00Z", "scope": "2026-11-23T09:00Z"}
    database[Collection.DUE_SCOPES].insert_one(due)
    assert "This number is being computed." in card(page(), "net_sales")


def test_a_damaged_hour_before_leaves_the_figure_and_says_so(filled, page, database):
    change = {"hours.2026-11-16T09:00Z.checksum": "0" * 64}
    database[Collection.REPORTS].update_one({"family": "sales", "day": "2026-11-16"}, {"$set": change})
    text = card(page(), "net_sales")
    assert "€25.00" in text
    assert "The days before are being computed again" in text


def test_amounts_without_a_rate_stand_in_their_own_currency(filled, page):
    dollars = sales(amounts={"sales": 4000})["converted"] | {"orders": 1}
    content = sales(orders=1, amounts={"orders": 0}, unconverted={"USD": dollars})
    filled.hour(Family.SALES, local_hour("2026-11-23 11"), content)
    filled.hour(
        Family.TRAFFIC, local_hour("2026-11-23 11"), {"events": 0, "page_views": 0, "visitors": 0, "cookieless": 0}
    )
    html = page("range=yesterday")
    assert "Some amounts have no rate" in words(html)
    assert "€25.00" in card(html, "net_sales")
    assert "and US$40.00 without a rate" in card(html, "net_sales")


def test_a_late_platform_says_since_when_and_why(filled, page, database):
    database[Collection.BATCHES].delete_many({})
    commit_batch(database, NOW - timedelta(minutes=82), 1)
    commit_batch(database, None, 2, BatchState.ARCHIVED, attempt=2)
    text = words(page())
    assert "Late since 13:10" in text
    assert "Batch 2 is still being computed (attempt 2)." in text


def test_a_shop_that_began_in_this_range_is_compared_with_nothing(archive, page):
    archive.hours(local_hour("2026-11-23 10"), ["a"], page_views=5)
    html = page()
    assert "No events in the days before" in card(html, "page_views")
    assert "polyline" not in html


def test_a_late_platform_says_on_which_day_a_range_ends(filled, page, database):
    database[Collection.BATCHES].delete_many({})
    commit_batch(database, local_hour("2026-11-22 10") + timedelta(minutes=30), 1)
    text = words(page())
    assert "17 Nov – 23 Nov, until 22 Nov, 10:30" in text
    assert "complete hours until 10:00 on 15 Nov" in text


def test_a_shop_without_events_is_told_what_to_do_and_when_the_first_one_arrived(archive, sign_in):
    visitor = sign_in()
    html = visitor.get("/shops/nordlicht/").get_data(as_text=True)
    assert "No events yet" in html
    assert "footfall.js&#34; data-key=&#34;wk1.p.t1.nordlicht.1." in html
    assert visitor.get("/shops/nordlicht/first-event.json").json["has_events"] is False
    archive.hours(local_hour("2026-11-24 14"), ["a"], page_views=1)
    assert visitor.get("/shops/nordlicht/first-event.json").json["has_events"] is True


def test_every_figure_has_its_receipt_and_it_opens_without_script(filled, page):
    html = page("range=7d&why=net_sales")
    panel = re.search(r'<dialog class="panel" id="why-net_sales"[^>]*open>(.*?)</dialog>', html, re.DOTALL)
    text = words(panel[1])
    assert "Net sales €25.00" in text
    assert "Gross €30.00 − Discounts €0.00 = Sales €30.00 − Refunds €5.00 − Cancelled €0.00 = Net sales €25.00" in text
    assert "Messages received 7 Counted 7" in text
    assert "Not accounted for 0, adds up" in text
    assert "Batch 41" in text
    assert set(re.findall(r'data-why="(\w+)"', html)) == set(re.findall(r'<dialog class="panel" id="why-(\w+)"', html))


def test_an_hour_whose_books_do_not_add_up_is_never_a_number(filled, page):
    counts = {"received": 9, "accepted": 7}
    filled.hour(Family.QUALITY, local_hour("2026-11-23 10"), quality(**counts), **counts)
    text = words(page())
    assert "Messages received 9" not in text
    assert AGAIN in text


def test_codes_are_told_in_plain_words(filled, page):
    counts = {"received": 3, "accepted": 1, "rejected": 2}
    content = quality(rejected_by_code={"bad_currency": 1, "a_code_of_tomorrow": 1}, **counts)
    filled.hour(Family.QUALITY, local_hour("2026-11-23 10"), content, **counts)
    text = words(page())
    assert "The currency is not in ISO 4217. Send a code such as EUR." in text
    assert "A code that this version of the app does not know." in text


def test_a_hostile_product_name_is_text(filled, page):
    hostile = "<script>alert(1)</script>\"'&"
    filled.day(local_hour("2026-11-23 10").date(), products(product("<b>", name=hostile, revenue=3000)))
    for path in ("/shops/nordlicht/", "/shops/nordlicht/products"):
        html = page(path=path)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_damaged_product_day_shows_no_row(filled, page, database):
    database[Collection.REPORTS].update_one(
        {"family": "products", "day": "2026-11-23"}, {"$set": {"content.rows.0.revenue": 999999}}
    )
    html = page()
    assert "This table is being computed again." in html
    assert "Lamp" not in html


def test_an_unknown_range_is_explained(filled, sign_in):
    answer = sign_in().get("/shops/nordlicht/?range=fortnight")
    assert answer.status_code == 400
    assert "No such range" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["show=nonsense", "why=%22%3E", "rows=1", "_external=1", "merchant=other", "part=main"]
)
def test_odd_addresses_do_no_harm(filled, page, query):
    assert "€25.00" in page(f"range=7d&{query}")


def test_an_open_page_is_answered_not_modified_until_a_number_changes(filled, sign_in):
    visitor = sign_in()
    address = "/shops/nordlicht/?range=7d&part=main"
    tag = visitor.get(address).headers["ETag"]
    assert visitor.get(address, headers={"If-None-Match": tag}).status_code == 304
    filled.hours(local_hour("2026-11-23 11"), orders=1, goods=100)
    assert visitor.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_first_view_is_light(filled, sign_in):
    visitor = sign_in()
    names = ("report.css", "report.js", "footfall.svg")
    sizes = [len(visitor.get("/shops/nordlicht/?range=28d").data)]
    sizes += [len(visitor.get(f"/static/{name}").data) for name in names]
    assert sum(sizes) < 150_000


def test_server_keys_are_shown_on_demand_only(filled, sign_in):
    visitor = sign_in()
    assert "wk1.s." not in visitor.get("/shops/nordlicht/settings").get_data(as_text=True)
    shown = visitor.post("/shops/nordlicht/settings")
    assert "wk1.s.t1.nordlicht.1." in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"


def test_without_its_database_and_without_a_backup_the_app_says_so(filled, sign_in, app):
    cookie = sign_in().get_cookie("footfall").value
    nowhere = "mongodb://127.0.0.1:1/"
    known = outside(app).settings
    visitor = create_app(replace(known, mongo_uri=nowhere, backup_mongo_uri=nowhere)).test_client()
    visitor.set_cookie("footfall", cookie)
    answer = visitor.get("/shops/nordlicht/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "cannot be read right now" in answer.get_data(as_text=True)
    assert visitor.get("/ready").status_code == 503
    assert visitor.get("/health").json == {"status": "ok", "reads": "main"}
