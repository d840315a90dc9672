"""Products of a day: facts of events and orders, the largest 1,000 and an honest rest."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from contracts.canonical import checksum
from spark_jobs.frames import frame
from spark_jobs.reports.products import (
    ATTRIBUTES,
    FACTS,
    MEASURES,
    facts_of_events,
    facts_of_posting,
    orders_by_product,
    products_content,
    rows_by_scope,
)
from spark_jobs.rules.exchange import Rates
from spark_jobs.rules.orders import Terms, fold
from tests.spark_jobs.samples import archive_rows, archived, at, event, line

DAY = "2026-11-24"
EUROS = Rates("EUR", {("USD", date(2026, 11, 24)): Decimal("0.5")})
NAMES = ["edition", "scope", "key", *MEASURES, "seen_at", "seen_id", "seen"]


def fact(key, seen=None, minute=0, seen_id="", day=DAY, **measures):
    values = dict.fromkeys(MEASURES, 0) | measures
    attributes = None if seen is None else dict.fromkeys(ATTRIBUTES) | seen
    return ("amber", day, key, *values.values(), at(minute), seen_id, attributes)


def ranked(spark, facts):
    found = rows_by_scope(frame(spark, facts, FACTS)).toArrow().to_pylist()
    return {row["scope"]: row for row in found}


def content(spark, facts):
    return products_content("EUR", ranked(spark, facts).get(DAY), {})


def named(facts):
    """(key, {measure: value} of those that are not zero) of each fact."""
    found = []
    for values in facts:
        whole = dict(zip(NAMES, values, strict=True))
        found.append((whole["key"], {name: whole[name] for name in MEASURES if whole[name]}))
    return found


def facts_of(events, rates=EUROS):
    facts, unconverted = [], {}
    postings = fold(events, Terms("EUR"))
    for posting in postings:
        more, without_rate = facts_of_posting("amber", DAY, posting, rates, lambda instant: instant.date())
        facts += more
        unconverted |= without_rate
    return named(facts), named(orders_by_product("amber", DAY, postings)), unconverted


LINES = [("a", 2, 2000), ("b", "0.5", 1000), ("a", 1, 500)]


def test_an_orders_lines():
    facts, orders, unconverted = facts_of([event(revenue=3500, lines=LINES)])
    assert facts == [
        ("a", {"ordered_milli": 2000, "revenue": 2000}),
        ("b", {"ordered_milli": 500, "revenue": 1000}),
        ("a", {"ordered_milli": 1000, "revenue": 500}),
    ]
    assert orders == [("a", {"orders": 1}), ("b", {"orders": 1})]
    assert unconverted == {}


def test_what_the_lines_do_not_explain_is_not_on_a_product():
    facts, _, _ = facts_of([event(revenue=4000, lines=[("a", 1, 1000), (None, 1, 500)])])
    assert facts[1:] == [("", {"ordered_milli": 1000, "revenue": 500}), ("", {"revenue": 2500})]
    facts, orders, _ = facts_of([event(revenue=4000)])
    assert (facts, orders) == ([("", {"revenue": 4000})], [])


def test_refunds_and_cancellations_are_refunded_and_order_nothing():
    facts, orders, _ = facts_of([event(revenue=1000, lines=[("a", 1, 1000)]), event("Order Cancelled", 1)])
    assert facts[1:] == [("a", {"refunded": 1000})]
    assert orders == [("a", {"orders": 1})]


def test_lines_convert_and_their_sum_is_the_orders():
    order = event(revenue=9, currency="USD", lines=[("a", 1, 3), ("b", 1, 3), ("c", 1, 3)])
    facts, _, _ = facts_of([order])
    assert sum(measures.get("revenue", 0) for _, measures in facts) == 5
    assert facts[-1] == ("", {"revenue": -1})


def test_without_a_rate_units_count_and_money_does_not():
    facts, orders, unconverted = facts_of([event(revenue=1000, currency="GBP", lines=[("a", 1, 1000)])])
    assert facts == [("a", {"ordered_milli": 1000})]
    assert orders == [("a", {"orders": 1})]
    assert unconverted == {"GBP": 1000}


def test_product_events(spark):
    tea = {"key": "tea", "name": "Tea", "brand": None, "category": None, "variant": None}
    rows = [
        archived("1", type="track", event="Product Viewed", product=tea, quantity_milli=3000),
        archived("2", type="track", event="Product Added", product=tea, quantity_milli=2500),
        archived("3", type="track", event="Product Removed", product=tea, quantity_milli=500),
        archived("4", type="track", event="Product Viewed", product=tea | {"key": None}),
        archived("5", type="track", event="Product Viewed", product=tea, outcome="duplicate"),
        archived("6", type="track", event="Product Viewed", product=tea, outcome="bot"),
        archived("7"),
    ]
    found = facts_of_events(with_scope(spark, rows)).toArrow().to_pylist()
    assert [list(row) for row in found[:1]] == [NAMES]
    facts = [(row["key"], {name: row[name] for name in MEASURES if row[name]}) for row in found]
    assert sorted(facts, key=str) == [
        ("tea", {"added_milli": 2500}),
        ("tea", {"removed_milli": 500}),
        ("tea", {"views": 1}),
    ]
    assert all(row["seen"]["name"] == "Tea" for row in found)


def with_scope(spark, rows):
    return archive_rows(spark, rows).withColumns({"edition": F.col("merchant"), "scope": F.lit(DAY)})


@pytest.fixture(scope="module")
def table(spark):
    """A day of two products and something on none."""
    facts = [
        fact("a", views=2, seen={"name": "Old", "brand": "Amber"}, minute=1),
        fact("a", views=1, seen={"name": "New", "brand": ""}, minute=3),
        fact("a", views=1, seen={"name": None}, minute=4),
        fact("a", revenue=500, ordered_milli=1000),
        fact("a", orders=1),
        fact("b", revenue=700, refunded=100),
        fact("", revenue=70, refunded=7, ordered_milli=1000),
    ]
    return products_content("EUR", ranked(spark, facts)[DAY], {"GBP": 5})


def test_measures_add_up_and_the_largest_revenue_comes_first(table):
    assert [(row["key"], row["revenue"], row["views"], row["orders"]) for row in table["rows"]] == [
        ("b", 700, 0, 0),
        ("a", 500, 4, 1),
    ]


def test_each_attribute_is_the_latest_that_says_something(table):
    row = table["rows"][1]
    assert {name: row[name] for name in ATTRIBUTES} == {
        "name": "New", "brand": "Amber", "category": None, "variant": None,
    }  # fmt: skip


def test_the_rest_of_the_content(table):
    assert table["not_on_product"] == {"revenue": 70, "refunded": 7}
    assert table["other"] is None
    assert table["unconverted"] == {"GBP": 5}
    assert set(table["rows"][0]) == {"key", *ATTRIBUTES, *MEASURES}
    assert checksum(table)


def test_the_largest_1000_by_revenue_then_views_then_key(spark):
    facts = [fact(f"p{number:04}", views=2) for number in range(1005)]
    facts += [fact("z-money", revenue=1), fact("z-views", views=3), fact("minus", revenue=-5, views=9)]
    found = content(spark, facts)
    keys = [row["key"] for row in found["rows"]]
    assert len(keys) == 1000
    assert keys[:4] == ["z-money", "z-views", "p0000", "p0001"]
    assert keys[-1] == "p0997"
    assert found["other"]["keys"] == 8
    assert (found["other"]["views"], found["other"]["revenue"]) == (7 * 2 + 9, -5)


def test_the_order_of_facts_changes_no_checksum(spark):
    facts = [fact(key, views=1, seen={"name": name}, minute=5) for key in "abc" for name in ("x", "y")]
    assert checksum(content(spark, facts)) == checksum(content(spark, facts[::-1]))


def test_days_keep_apart_and_a_day_without_facts_is_empty(spark):
    found = ranked(spark, [fact("a", views=1), fact("a", views=5, day="2026-11-25")])
    assert {day: row["rows"][0]["views"] for day, row in found.items()} == {DAY: 1, "2026-11-25": 5}
    assert products_content("EUR", None, {}) == {
        "currency": "EUR",
        "rows": [],
        "other": None,
        "not_on_product": {"revenue": 0, "refunded": 0},
        "unconverted": {},
    }


def test_a_line_keeps_what_it_was_called():
    [posting] = fold([replace(event(revenue=100), lines=(line("a", 1, 100, name="Tea"),))], Terms("EUR"))
    [found], _ = facts_of_posting("amber", DAY, posting, EUROS, lambda instant: instant.date())
    assert dict(zip(NAMES, found, strict=True))["seen"]["name"] == "Tea"
