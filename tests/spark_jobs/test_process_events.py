"""Two batches of several shops against the oracle; the second one dies after each of its writes before it is done."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from contracts.archive import TABLE
from contracts.names import Collection, DueGroup, Topic
from contracts.reports import Family
from contracts.settings import Settings
from footfall_airflow.floods import Room
from footfall_airflow.offsets import Broker
from footfall_airflow.reprocessing import reprocess
from footfall_airflow.sending import Sender
from spark_jobs.failures import StaleAttempt
from spark_jobs.process_events.archiving import archive_batch
from spark_jobs.process_events.job import compute_hours, merge_orders, process
from tests.road.agreement import assert_reports_are_right
from tests.road.loop_messages import good_messages, later_messages
from tests.road.shops import bytes_of, message
from tests.spark_jobs.jobs import Jobs, ends, jobs_on

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
BAD = message("Order Completed", NOON, order_id="1", revenue="-3")
UPDATES = [message("Order Updated", NOON + timedelta(seconds=n), order_id="1", revenue=n) for n in range(203)]


REPAIRABLE = message("Order Completed", NOON, order_id="1", revenue="1.234,50 €")


def hour(at):
    return at.strftime("%Y-%m-%dT%H:%MZ")


def place_of(restated):
    """As `RoadShop.stored_checksums` names it."""
    is_day = restated["family"] == Family.PRODUCTS
    report = restated["_id"].rsplit("/", 3)[0]
    return report if is_day else f"{restated['family']}/{restated['scope']}"


class Story:
    """What happened before the tests look."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.amber = jobs.shop("amber")
        self.kolkata = jobs.shop("kolkata", zone="Asia/Kolkata", currency="INR")
        self.tokyo = jobs.shop("tokyo", zone="Asia/Tokyo", currency="JPY")
        self.full, self.clock, self.mended = jobs.shop("full"), jobs.shop("clock"), jobs.shop("mended")
        self.sorry = jobs.shop("sorry")
        self.nobody = jobs.shop("nobody")
        jobs.database[Collection.MERCHANTS].delete_one({"_id": "nobody"})
        self.send_first()
        self.first = jobs.batch()
        self.repair_twice()
        jobs.days()
        self.first_numbers = self.numbers()
        jobs.say_complete(datetime.now(UTC))
        self.send_second()
        self.second = jobs.plan()
        self.stale = jobs.take(self.second)
        self.die_after_each_write()
        jobs.run(self.second)
        jobs.commit(self.second)
        jobs.days()

    def send_first(self):
        good = [*good_messages(), *later_messages()]
        self.amber.send(
            [*good[:200], message("Order Completed", NOON + timedelta(hours=2), order_id="moves", revenue=70)]
        )
        for shop in (self.kolkata, self.tokyo):
            at = NOON.replace(hour=18, minute=45)
            shop.send([message(None, at, "v"), message("Order Completed", at, "v", order_id="1", revenue="1250.4")])
        self.full.send([message("Order Completed", NOON, order_id="1", revenue=5), *UPDATES[:150], BAD])
        self.sorry.send([message("Order Completed", NOON, order_id="1", revenue=50)])
        sent_at = hour(NOON + timedelta(hours=1))
        self.wrong = message(None, NOON, "v1") | {"sentAt": sent_at}
        self.clock.send_bytes([bytes_of(self.wrong)])
        self.mended.send_bytes([bytes_of(REPAIRABLE)])

    def repair_twice(self):
        """What reprocess_errors does; the first run dies before it says what it sent."""
        database, bootstrap = self.jobs.database, self.jobs.settings.kafka_bootstrap
        for _ in range(2):
            ranges = {int(partition): (0, end) for partition, end in ends(self.jobs.settings, Topic.ERRORS).items()}
            messages = Broker(bootstrap).messages(Topic.ERRORS, ranges)
            self.repairs = reprocess(
                database, Sender(bootstrap, 15), messages, "errors", Room(database, 1_000), datetime.now(UTC)
            )
            unsaid = {"$set": {"status": "waiting", "attempt": 0}}
            database[Collection.FAILED_EVENTS].update_many({"merchant": "mended"}, unsaid)

    def send_second(self):
        good = [*good_messages(), *later_messages()]
        earlier = message("Order Completed", NOON, order_id="moves", revenue=70)
        self.amber.send([*good[150:], *good[:10], earlier])
        self.full.send(UPDATES[150:])
        self.clock.send_bytes([bytes_of(self.wrong)])
        self.nobody.send([message(None, NOON)])
        self.sorry.send([message("Order Updated", datetime.now(UTC), order_id="1", revenue=20)])

    def numbers(self):
        """{(merchant, family/scope): checksum} of every report."""
        shops = (self.amber, self.kolkata, self.tokyo, self.full, self.sorry, self.mended)
        return {(shop.merchant, key): sum_ for shop in shops for key, sum_ in shop.stored_checksums().items()}

    def restated(self, **query):
        return list(self.jobs.database[Collection.RESTATEMENTS].find(query))

    def die_after_each_write(self):
        archive_batch(self.jobs.take(self.second))
        before_reports = self.jobs.take(self.second)
        merge_orders(before_reports, archive_batch(before_reports))
        before_commit = self.jobs.take(self.second)
        compute_hours(before_commit, process(before_commit))


@pytest.fixture(scope="module")
def story(spark, mongo, kafka_broker):
    with jobs_on(spark, mongo, Settings(kafka_bootstrap=kafka_broker), Jobs) as jobs:
        yield Story(jobs)


def test_every_shop_is_what_the_oracle_says(story):
    for shop in (story.amber, story.kolkata, story.tokyo):
        assert_reports_are_right(shop)
    assert story.jobs.due(DueGroup.HOUR) == story.jobs.due(DueGroup.DAY) == []


def test_currencies_without_and_with_decimals(story):
    sales = [next(iter(shop.hours(Family.SALES).values()))["converted"] for shop in (story.kolkata, story.tokyo)]
    assert [hour["sales"] for hour in sales] == [125_040, 1_250]


def test_an_order_that_moves_leaves_its_former_hour(story):
    sales = story.amber.hours(Family.SALES)
    former = sales[hour(NOON + timedelta(hours=2))]
    assert former["orders"] == story.amber.expected().sales[hour(NOON + timedelta(hours=2))]["orders"]


def test_a_repaired_order_counts_once_however_often_it_was_sent(story):
    assert story.repairs.fates["repair"] == 1
    books = story.mended.books()
    assert (books["received"], books["returned"], books["accepted"], books["rejected"]) == (1, 1, 1, 1)
    assert [(one["orders"], one["converted"]["sales"]) for one in story.mended.hours(Family.SALES).values()] == [
        (1, 123_450)
    ]
    (failed,) = story.jobs.database[Collection.FAILED_EVENTS].find({"merchant": "mended"})
    assert (failed["status"], failed["attempt"], failed["attempts"][0]["outcome"]) == ("repaired", 1, "accepted")


def test_an_order_takes_200_messages_and_no_more(story):
    assert story.full.books()["rejected"] == 4 + 1
    refused = [error for error in story.jobs.errors() if error["code"] == "too_many_order_events"]
    assert len({error["error_id"] for error in refused}) == 4
    assert all(base64.b64decode(error["envelope"]).startswith(b'{"v":1') for error in refused)


def test_rejected_messages_go_to_the_errors_topic_whole(story):
    (error,) = [error for error in story.jobs.errors() if error["code"] == "negative_amount"]
    assert base64.b64decode(error["original"]) == bytes_of(BAD)
    assert (error["field"], error["batch"], error["event_hour"]) == ("properties.revenue", story.first, hour(NOON))
    assert b'"envelope_id"' in base64.b64decode(error["envelope"])


def test_messages_of_a_shop_that_does_not_exist_are_errors(story):
    codes = {error["merchant"]: error["code"] for error in story.jobs.errors() if error["merchant"] == "nobody"}
    assert codes == {"nobody": "unknown_merchant"}


def test_a_clock_that_is_wrong_once_gives_every_copy_the_same_hour(story):
    books = story.clock.books()
    assert (books["received"], books["accepted"], books["duplicate"]) == (2, 1, 1)
    (found,) = story.clock.hours(Family.TRAFFIC)
    assert found != hour(NOON)


def test_a_late_batch_changes_each_closed_scope_once_however_often_it_died(story):
    before, after = story.first_numbers, story.numbers()
    changed = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    found = story.restated()
    assert changed == {
        (one["merchant"], place_of(one)): (one["before_checksum"], one["after_checksum"]) for one in found
    }
    assert len(found) == len(changed) > 10


def test_why_numbers_changed_is_what_the_batch_brought(story):
    (sales,) = story.restated(merchant="sorry", family=Family.SALES)
    assert (sales["why"], sales["batch"], sales["scope"]) == ("refund", story.second, hour(NOON))
    assert {"measure": "converted.sales", "before": 5_000, "after": 2_000} in sales["changed"]
    (products,) = story.restated(merchant="sorry", family=Family.PRODUCTS)
    assert (products["why"], products["batch"]) == ("refund", None)
    assert {one["why"] for one in story.restated(merchant="amber")} == {"late"}
    assert {one["why"] for one in story.restated(merchant="mended", family=Family.SALES)} == {"repaired"}


def test_a_stale_attempt_stops_before_it_writes(story):
    before = story.amber.stored_checksums()
    with pytest.raises(StaleAttempt):
        process(story.stale)
    assert story.amber.stored_checksums() == before


def test_a_replay_brings_lost_reports_back_and_writes_no_event(story):
    jobs, shop = story.jobs, story.amber
    before, rows, restated = shop.stored_checksums(), jobs.spark.table(TABLE).count(), story.restated()
    lost = hour(NOON)
    jobs.database[Collection.REPORTS].update_many({"family": Family.SALES}, {"$unset": {f"hours.{lost}": 1}})
    jobs.run(story.second)
    jobs.commit(story.second)
    jobs.days()
    assert shop.stored_checksums() == before
    assert jobs.spark.table(TABLE).count() == rows
    assert story.restated() == restated
