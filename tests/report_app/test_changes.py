"""Changed numbers of closed days: on the overview, on the quality page, and in the API."""

from datetime import timedelta

import pytest

from contracts.names import Collection
from contracts.reports import Family
from report_app.reading.changes import currency_of
from tests.report_app.documents import NOW, Archive, commit_batch, local_hour, merchant, restatement, user

TEN = "2026-11-23T09:00Z"
SHOP = "/shops/nordlicht"


@pytest.fixture
def changed(database):
    """Keeps restatements of yesterday, ten o'clock."""

    def do(*found):
        database[Collection.RESTATEMENTS].insert_many(found)

    return do


@pytest.fixture
def get(database, sign_in):
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    Archive(database).hours(local_hour("2026-11-23 10"), ["a"], page_views=3)
    visitor = sign_in()
    return visitor.get


def sales(name, *numbers, **overrides):
    return restatement(name, Family.SALES, TEN, numbers, **overrides)


def text_of(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_the_overview_says_what_all_changes_come_to(get, changed):
    changed(
        sales("a", ("orders", 1, 3), ("converted.sales", 1_000, 13_000), ("converted.tax", 0, 9)),
        sales("b", ("converted.refunds", 0, 500), reasons=["refund"], why="refund"),
        restatement("c", Family.TRAFFIC, TEN, [("page_views", 9, 8), ("events", 9, 8)]),
        restatement("d", Family.QUALITY, TEN, [("accepted", 9, 8)]),
    )
    line = (
        "Changed since these days were closed: +2 orders, +€115.00 net sales, −1 page view, because of messages that "
        "arrived late and orders that changed on a later day."
    )
    assert line in text_of(get(f"{SHOP}/?range=yesterday"))
    assert "Changed since these days" not in text_of(get(f"{SHOP}/?range=today"))


def test_the_quality_page_lists_them(get, changed):
    changed(
        sales("a", ("orders", 1, 3), ("converted.sales", 1_000, 13_000), ("notes.price_missing", 0, 1)),
        restatement("b", Family.PRODUCTS, "2026-11-23", [("rows.a.b.ordered_milli", 0, 1_500)], more=4),
    )
    text = text_of(get(f"{SHOP}/quality?range=7d"))
    assert "Sales, Mon 23 Nov, 10:00</b> <span>orders 1 → 3, sales €10.00 → €130.00, 1 more" in text
    assert "Products, Mon 23 Nov</b> <span>a.b: units 0 → 1.5, 4 more" in text


def test_without_changes_it_says_so(get):
    assert "No number of these days has changed" in text_of(get(f"{SHOP}/quality?range=7d"))


def test_changes_of_others_are_not_seen(get, changed):
    changed(sales("a", ("orders", 1, 3), merchant="another"), sales("b", ("orders", 1, 3), settings_version=2))
    assert get(f"/api/v1{SHOP}/changes?range=yesterday").json["count"] == 0


def test_the_api_has_every_number(get, changed):
    changed(sales("a", ("orders", 1, 3), ("converted.sales", 1_000, 13_000), reasons=["late", "refund"]))
    body = get(f"/api/v1{SHOP}/changes?range=yesterday").json
    assert body["count"] == 1
    assert body["changes"] == [
        {
            "at": "2026-11-24T13:32:48Z",
            "report": "sales",
            "day": "2026-11-23",
            "hour": TEN,
            "why": "late",
            "reasons": ["late", "refund"],
            "changed": [
                {"measure": "orders", "before": 1, "after": 3},
                {"measure": "converted.sales", "before": "10.00", "after": "130.00"},
            ],
            "more": 0,
            "batch": 41,
            "run": "asset_triggered__2026-11-24T13:32:31",
        }
    ]


@pytest.mark.parametrize(
    ("measure", "currency"),
    [
        ("converted.sales", "EUR"),
        ("converted.orders", None),
        ("unconverted.USD.tax", "USD"),
        ("unconverted.USD.orders", None),
        ("unconverted.USD", "USD"),
        ("rows.tea.1.revenue", "EUR"),
        ("rows.tea.unconverted.INR", "INR"),
        ("not_on_product.refunded", "EUR"),
        ("page_views", None),
    ],
)
def test_which_numbers_are_amounts(measure, currency):
    assert currency_of(measure, "EUR") == currency
