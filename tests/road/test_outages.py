"""Engines that are away for a while: nothing that was taken is lost, and nothing is taken that cannot be kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests

from stack.waiting import wait_until
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.shops import RoadShop, bytes_of, message

pytestmark = [pytest.mark.stack, pytest.mark.long]
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
PRODUCT = {"product_id": "p1", "name": "Lamp", "price": "19.99"}


def some_messages():
    views = [message("Product Viewed", NOON + timedelta(minutes=n), f"v{n}", **PRODUCT) for n in range(20)]
    return [*views, message("Order Completed", NOON, "v1", order_id="1", products=[PRODUCT])]


@dataclass
class Outages:
    """What was seen while the engine was away: whether the report app said so, `refusal` the collector's answer."""

    without_database: RoadShop
    without_broker: RoadShop
    is_told: bool
    refusal: requests.Response


@pytest.fixture(scope="module")
def outages(road):
    """First the database is away, with events on their way; then the broker, while these are worked off."""
    without_database, without_broker = road.new_shop("no-database"), road.new_shop("no-broker")
    with road.stopped("mongo"):
        without_database.send(some_messages())
        ready = f"http://127.0.0.1:{road.settings.app_port}/ready"
        is_told = wait_until(lambda: says_that_it_is_away(requests.get(ready, timeout=30)), 60)
    with road.stopped("kafka"):
        body = b'{"batch":[' + bytes_of(message(None, NOON)) + b"]}"
        refusal = without_broker.post("/v1/batch", body)
    road.wait_for_collectors()
    without_broker.send(some_messages())
    road.wait_patiently()
    return Outages(without_database, without_broker, is_told, refusal)


def says_that_it_is_away(ready):
    """Where there is a backup already, that is read."""
    return ready.status_code == 503 or ready.json()["reads"] == "backup"


def test_events_that_came_while_the_database_was_away_are_counted_once(outages):
    assert outages.is_told
    assert_reports_are_right(outages.without_database)
    assert_books_balance(outages.without_database)


def test_while_the_broker_is_away_nothing_is_taken_that_could_be_lost(outages):
    assert (outages.refusal.status_code, "Retry-After" in outages.refusal.headers) == (503, True)
    assert_reports_are_right(outages.without_broker)
    assert_books_balance(outages.without_broker)
