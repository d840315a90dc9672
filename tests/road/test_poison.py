"""A message that no job can bear, on the real stack: the road goes on, and everything else is counted.

The poison is real: a validator of the database refuses one order. Removing it is the repair.
"""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.ledger import OPEN_RANGES
from contracts.names import BatchState, Collection
from stack.waiting import wait_until
from tests.road.agreement import (
    assert_books_balance,
    assert_products_are_right,
    assert_reports_are_right,
    assert_sales_are_right,
)
from tests.road.shops import bytes_of, message

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(1800)]
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def poison(road):
    """An order that the database refuses as long as the test runs."""
    order = f"poison-{datetime.now(UTC):%H%M%S}"
    validator = road.database.command("listCollections", filter={"name": Collection.ORDERS})
    before = validator["cursor"]["firstBatch"][0]["options"]["validator"]
    road.database.command("collMod", Collection.ORDERS, validator={"$and": [before, {"order_id": {"$ne": order}}]})
    yield message("Order Completed", NOON, order_id=order, revenue=5)
    road.database.command("collMod", Collection.ORDERS, validator=before)


def test_a_poison_is_alone_in_the_inbox_and_fresh_events_do_not_wait(road, poison):
    shop, fresh = road.new_shop("poisoned"), road.new_shop("fresh")
    batches = road.database[Collection.BATCHES]
    shop.send([message("Order Completed", NOON, "v1", order_id="1", revenue=9), poison])
    shop.arrivals = [arrival for arrival in shop.arrivals if arrival.message is not poison]
    assert wait_until(lambda: batches.find_one({"state": BatchState.SET_ASIDE}), 600)
    fresh.send([message("Order Completed", NOON, order_id="1", revenue=3)])
    assert wait_until(lambda: fresh.books()["accepted"] == 1, 300)
    assert batches.find_one(dict(OPEN_RANGES)), "the fresh events were counted before the poison was found"
    road.wait(900)
    assert_sales_are_right(shop)
    assert_products_are_right(shop)
    assert_reports_are_right(fresh)
    assert_books_balance(shop)
    books = shop.books()
    assert (books["received"], books["accepted"], books["rejected"]) == (2, 1, 1)
    [found] = road.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant})
    assert (found["code"], bytes(found["original"])) == ("batch_failed", bytes_of(poison))
