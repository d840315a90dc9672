"""A message that no job can bear: its batch is set aside and halved until it stands alone, and everything else is counted.

The poison is real: the database has a validator that refuses one order, which ends the job for good.
"""

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest

from contracts.archive import TABLE
from contracts.batch_errors import batch_error
from contracts.ledger import OPEN_RANGES, is_hopeless
from contracts.names import BatchState, Collection, DagId, DueGroup
from contracts.reports import Family
from contracts.settings import Settings
from footfall_airflow.halving import halve_all
from footfall_airflow.ledger import Ledger
from spark_jobs.failures import PermanentError
from stack.database import prepare_database
from tests.road.agreement import assert_products_are_right, assert_sales_are_right
from tests.road.shops import bytes_of, message
from tests.spark_jobs.jobs import Jobs, jobs_on

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
REFUSED = {"order_id": {"$ne": "poison"}}
POISON = message("Order Completed", NOON, "v1", order_id="poison", revenue=5)


def good_messages(size):
    """Orders of which one is changed twice, views, and a copy: so many messages of one hour."""
    at = [NOON + timedelta(minutes=minute) for minute in range(20)]
    orders = [
        message("Order Completed", at[3], "v1", order_id="1", revenue="10"),
        message("Order Updated", at[5], "v1", order_id="1", revenue="12"),
        message("Order Refunded", at[9], "v1", order_id="1", revenue="2"),
        message("Order Completed", at[12], "v2", order_id="2", revenue="7"),
    ]
    views = [message("Product Viewed", at[n], f"v{n % 3}", product_id=f"p{n % 2}", price="2.50") for n in range(size)]
    return [orders[0], views[0], views[0], *orders[1:], *views[1:]][:size]


class Poisoned:
    """One batch of so many good messages and the poison among them, worked off as the DAGs do it, without Airflow."""

    def __init__(self, jobs, size):
        self.jobs = jobs
        self.ledger = Ledger(jobs.database, DagId.PROCESS_EVENTS, 60)
        self.entries = jobs.database[Collection.BATCHES]
        jobs.database[Collection.COUNTERS].insert_one({"_id": "batches", "value": 100})
        jobs.database.command("collMod", Collection.ORDERS, validator=REFUSED)
        self.shop = jobs.shop("amber")
        good = good_messages(size)
        self.shop.send([*good[:3], POISON, *good[3:]])
        self.shop.arrivals = [arrival for arrival in self.shop.arrivals if arrival.message is not POISON]
        self.batch = jobs.plan()
        self.whole = self.entry(self.batch)

    def entry(self, number):
        return self.entries.find_one({"_id": number})

    def work(self, number):
        """From its first attempt to its last state; further attempts that would fail like the first are only counted."""
        try:
            self.jobs.run(number)
        except PermanentError as error:
            assert "failed validation" in str(error)
            self.lose_hope(number)
            self.jobs.run(number)
        self.ledger.commit(number, datetime.now(UTC))
        self.ledger.announce(number, datetime.now(UTC))
        halve_all(self.jobs.database, "run", datetime.now(UTC), 60)

    def lose_hope(self, number):
        while not is_hopeless(self.entry(number)):
            assert self.ledger.note_failure(number, "run", 1, 0, datetime.now(UTC)), "the job had begun"

    def work_off(self):
        self.work(self.batch)
        self.left_in_orders = [order["events"] for order in self.jobs.database[Collection.ORDERS].find()]
        deadline = time.monotonic() + 240
        while self.entries.find_one(dict(OPEN_RANGES)):
            assert time.monotonic() < deadline
            self.work(self.ledger.oldest_half(datetime.now(UTC))["_id"])
        self.jobs.days()

    def halves(self):
        return list(self.entries.find({"parent": {"$gt": 0}}))


@pytest.fixture(scope="module", params=[1, pytest.param(16, marks=pytest.mark.long)])
def size(request):
    return request.param


@pytest.fixture(scope="module")
def jobs(spark, mongo, kafka_broker, size):
    with jobs_on(spark, mongo, Settings(kafka_bootstrap=kafka_broker), Jobs) as jobs:
        prepare_database(jobs.database)
        yield jobs


@pytest.fixture(scope="module")
def poisoned(jobs, size):
    story = Poisoned(jobs, size)
    story.work_off()
    return story


def test_everything_but_the_poison_is_counted(poisoned):
    shop = poisoned.shop
    assert_sales_are_right(shop)
    assert_products_are_right(shop)
    views = {key: hour["events"] for key, hour in shop.hours(Family.TRAFFIC).items() if hour["events"]}
    assert views == {key: hour["events"] for key, hour in shop.expected().traffic.items()}


def test_the_books_balance(poisoned, size):
    books, expected = poisoned.shop.books(), poisoned.shop.expected().quality.values()
    assert books["received"] == poisoned.whole["messages"] == size + 1
    assert books["rejected"] == 1
    for outcome in ("accepted", "duplicate", "bot"):
        assert books[outcome] == sum(hour[outcome] for hour in expected)
    codes = [hour["rejected_by_code"] for hour in poisoned.shop.hours(Family.QUALITY).values() if hour["rejected"]]
    assert codes == [{"batch_failed": 1}]


def test_orders_that_the_failed_attempt_had_written_were_taken_back(poisoned):
    assert poisoned.left_in_orders and not any(poisoned.left_in_orders)


def test_the_poison_stands_alone_among_the_errors_whole(poisoned):
    [error] = [error for error in poisoned.jobs.errors() if error["code"] == "batch_failed"]
    assert base64.b64decode(error["original"]) == bytes_of(POISON)
    assert b'"envelope_id"' in base64.b64decode(error["envelope"])
    assert (error["merchant"], error["error_id"].count("-"), error["attempt"]) == ("amber", 4, 0)
    start, end = poisoned.whole["ranges"][str(error["place"]["partition"])]
    assert start <= error["place"]["offset"] < end


def test_each_message_was_in_one_half_at_last(poisoned):
    last = [half for half in poisoned.halves() if half["state"] != BatchState.SET_ASIDE]
    places = [(p, n) for half in last for p, (start, end) in half["ranges"].items() for n in range(start, end)]
    assert sorted(places) == sorted(
        (p, n) for p, (start, end) in poisoned.whole["ranges"].items() for n in range(start, end)
    )
    assert [half["messages"] for half in last if half.get("failures")] == [1]


def test_nothing_is_open_and_nothing_is_due(poisoned):
    assert poisoned.entries.find_one(dict(OPEN_RANGES)) is None
    assert poisoned.jobs.due(DueGroup.HOUR) == poisoned.jobs.due(DueGroup.DAY) == []


def test_rows_of_what_was_set_aside_are_not_in_the_archive(poisoned, size):
    rows = poisoned.jobs.spark.table(TABLE).where("merchant = 'amber'")
    aside = {entry["_id"] for entry in poisoned.entries.find({"state": BatchState.SET_ASIDE})}
    found = {row["batch"]: row["count"] for row in rows.groupBy("batch").count().toArrow().to_pylist()}
    assert aside and not aside & found.keys()
    assert sum(found.values()) == size + 1


def test_a_copy_that_nobody_needs_any_more_vanishes_later(poisoned):
    halve_all(poisoned.jobs.database, "run", datetime.now(UTC), 60)
    chunks = list(poisoned.jobs.database[Collection.SET_ASIDE].find({"batch": poisoned.batch}))
    assert chunks and all(chunk["expires_at"] > datetime.now(UTC) + timedelta(days=6) for chunk in chunks)


@pytest.mark.long
def test_what_the_batch_had_changed_is_taken_back(poisoned):
    """The batch got as far as its reports; afterwards orders, reports and archive are as if it had not been."""
    jobs, ledger = poisoned.jobs, poisoned.ledger
    shop = jobs.shop("brown")
    shop.send([message("Order Completed", NOON, "v1", order_id="1", revenue=9)])
    jobs.batch()
    before, orders = shop.numbers(), list(jobs.database[Collection.ORDERS].find({"merchant": "brown"}))
    copy = shop.arrivals[0].message
    shop.send([copy, message("Order Updated", NOON, order_id="1", revenue=8), message(None, NOON)])
    number = jobs.plan()
    jobs.run(number)
    assert shop.numbers() != before
    jobs.database[Collection.BATCHES].update_one({"_id": number}, {"$set": {"state": BatchState.ARCHIVED}})
    poisoned.lose_hope(number)
    jobs.run(number)
    entry = poisoned.entry(number)
    assert entry["state"] == BatchState.SET_ASIDE
    ledger.announce(number, datetime.now(UTC))
    assert [strip(order) for order in jobs.database[Collection.ORDERS].find({"merchant": "brown"})] == [
        strip(order) for order in orders
    ]
    assert jobs.spark.table(TABLE).where(f"batch = {number}").isEmpty()
    hours = shop.hours(Family.SALES)
    assert [hour["converted"]["sales"] for hour in hours.values() if hour["orders"]] == [900]
    assert shop.books()["received"] == 1
    assert batch_error(entry)["error_id"] == f"batch/{number}"


def strip(order):
    return {name: value for name, value in order.items() if name != "revision"}
