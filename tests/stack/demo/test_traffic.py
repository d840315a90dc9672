"""The demo's tally against the oracle: what the demo says it sent is what its messages say."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from repairs.rules import repaired_by_rules
from stack.demo.shops import NAMES, read_shop
from stack.demo.traffic import BAD_FIELDS, make_traffic
from tests.oracle.arrivals import Arrival
from tests.oracle.arrivals import Shop as OracleShop
from tests.oracle.reports import expected_reports

UNTIL = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
AMOUNTS = ("orders", "sales", "discount", "shipping", "tax", "refunds", "refund_count", "cancelled", "cancelled_orders")


@pytest.fixture(scope="module", params=NAMES)
def shop_and_reports(request):
    shop = read_shop(request.param)
    traffic = make_traffic(shop, visits=600, days=40, until=UNTIL, seed="test")
    arrivals = [
        Arrival(sending.message, UNTIL + timedelta(milliseconds=place), "server")
        for place, sending in enumerate(traffic.sendings)
    ]
    return traffic, expected_reports(arrivals, OracleShop(shop.time_zone, shop.currency))


def test_events_page_views_and_visitors_of_every_hour(shop_and_reports):
    traffic, reports = shop_and_reports
    tally = traffic.tally
    assert {hour: count["events"] for hour, count in reports.traffic.items()} == {
        hour: count["events"] for hour, count in tally.hours.items() if count["events"]
    }
    assert sum(found["page_views"] for found in reports.traffic.values()) == tally.total("page_views")
    assert {hour: found["visitors"] for hour, found in reports.traffic.items()} == {
        hour: len(found) for hour, found in tally.visitors.items()
    }


def test_amounts_of_every_hour(shop_and_reports):
    traffic, reports = shop_and_reports
    for hour in reports.sales.keys() | traffic.tally.hours.keys():
        found, sent = reports.sales.get(hour, {}), traffic.tally.hours[hour]
        assert {name: found.get(name, 0) for name in AMOUNTS} == {name: sent[name] for name in AMOUNTS}, hour


def test_products_of_every_day(shop_and_reports):
    traffic, reports = shop_and_reports
    for day in reports.products.keys() | traffic.tally.days.keys():
        sent = traffic.tally.days[day]
        found = {key: row for key, row in reports.products[day].items() if key and (row["views"] or row["revenue"])}
        assert {key: (row["views"], row["revenue"], row["ordered_milli"]) for key, row in found.items()} == {
            key: (row["views"], row["revenue"], row["ordered"] * 1000)
            for key, row in sent.items()
            if row["views"] or row["revenue"]
        }


def test_the_books_balance(shop_and_reports):
    traffic, reports = shop_and_reports
    tally, books = traffic.tally, Counter()
    codes = Counter()
    for hour in reports.quality.values():
        codes.update(hour.pop("rejected_by_code"))
        books.update(hour)
    assert books["received"] == tally.received == len(traffic.sendings)
    assert (books["accepted"], books["duplicate"], books["bot"]) == (tally.accepted, tally.duplicate, tally.bot)
    assert codes == tally.rejected


def test_the_same_seed_gives_the_same_traffic():
    shop = read_shop("chai")
    first, second = (make_traffic(shop, 40, 10, UNTIL, "seed") for _ in range(2))
    assert first.sendings == second.sendings
    assert make_traffic(shop, 40, 10, UNTIL, "other").sendings != first.sendings


def test_nothing_happens_after_the_end():
    traffic = make_traffic(read_shop("harbour"), 300, 5, UNTIL, "seed")
    assert max(sending.message["timestamp"] for sending in traffic.sendings) <= "2026-11-24T09:30"


@pytest.mark.parametrize(("code", "fields"), BAD_FIELDS, ids=[code for code, _ in BAD_FIELDS])
def test_no_rule_repairs_a_bad_message(code, fields):
    """It would be counted, and the tally does not count it."""
    places = [None, *fields, *(f"properties.{name}" for name in fields.get("properties", ()))]
    message = {"type": "track", "messageId": "m", "timestamp": "2026-11-24T09:30:00Z"} | fields
    assert [repaired_by_rules(message, code, place) for place in places] == [None] * len(places)
