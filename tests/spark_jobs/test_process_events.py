"""Batches against the oracle: any split, repeated attempts, copies, late orders, replays."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DueGroup
from contracts.reports import Family
from contracts.settings import Settings
from spark_jobs.failures import StaleAttempt
from spark_jobs.process_events.archiving import archive_batch
from spark_jobs.process_events.job import compute_hours, merge_orders, process
from tests.oracle.arrivals import Arrival
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import bytes_of, message
from tests.road.test_closed_loop import good_messages, later_messages
from tests.spark_jobs.jobs import Jobs, make_topics

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def jobs(archive, database, kafka_broker):
    settings = Settings(kafka_bootstrap=kafka_broker)
    return Jobs(archive, database, settings, make_topics(settings))


def test_two_batches_with_copies_are_what_the_oracle_says(jobs):
    shop = jobs.shop()
    good = [*good_messages(), *later_messages()]
    shop.send(good[:200])
    jobs.batch()
    shop.send([*good[150:], *good[:10]])
    jobs.batch()
    jobs.days()
    assert_reports_are_right(shop)
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []


def test_shops_of_other_zones_and_currencies_keep_apart(jobs):
    shops = [jobs.shop("a", zone="Asia/Kolkata", currency="INR"), jobs.shop("b", zone="Asia/Tokyo", currency="JPY")]
    at = NOON.replace(hour=18, minute=45)
    for shop in shops:
        shop.send([message(None, at, "v"), message("Order Completed", at, "v", order_id="1", revenue="1250.4")])
    jobs.batch()
    jobs.days()
    for shop in shops:
        assert_reports_are_right(shop)
    assert [next(iter(shop.hours(Family.SALES).values()))["converted"]["sales"] for shop in shops] == [125_040, 1_250]


def test_an_attempt_that_died_anywhere_changes_nothing(jobs):
    shop = jobs.shop()
    order = message("Order Completed", NOON + timedelta(hours=2), order_id="moves", revenue=70)
    shop.send([order, *good_messages()[:40]])
    jobs.batch()
    shop.send([message("Order Completed", NOON, order_id="moves", revenue=70), *good_messages()[30:60]])
    number = jobs.plan()
    archive_batch(jobs.take(number))
    second = jobs.take(number)
    merge_orders(second, archive_batch(second))
    third = jobs.take(number)
    compute_hours(third, process(third))
    jobs.run(number)
    jobs.commit(number)
    jobs.days()
    assert_reports_are_right(shop)
    sales = shop.hours(Family.SALES)
    assert sales[(NOON + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%MZ")]["orders"] == 0


def test_a_stale_attempt_stops_before_it_writes(jobs):
    shop = jobs.shop()
    shop.send(good_messages()[:20])
    number = jobs.plan()
    stale = jobs.take(number)
    jobs.run(number)
    before = shop.stored_checksums()
    with pytest.raises(StaleAttempt):
        process(stale)
    assert shop.stored_checksums() == before


def test_a_replay_changes_no_number_and_writes_no_event(jobs):
    shop = jobs.shop()
    shop.send(good_messages()[:60])
    number = jobs.batch()
    jobs.days()
    before = shop.stored_checksums()
    rows = jobs.spark.table("lake.footfall.arrivals").count()
    jobs.database[Collection.REPORTS].delete_many({"family": Family.SALES})
    jobs.run(number)
    jobs.commit(number)
    jobs.days()
    assert shop.stored_checksums() == before
    assert jobs.spark.table("lake.footfall.arrivals").count() == rows


def test_an_older_state_never_replaces_a_newer_report(jobs):
    shop = jobs.shop()
    shop.send([message(None, NOON, "v1")])
    jobs.batch()
    jobs.database[Collection.REPORTS].update_many({}, {"$inc": {f"hours.{NOON:%Y-%m-%dT%H:%MZ}.version.sequence": 90}})
    before = shop.stored_checksums()
    shop.send([message(None, NOON, "v2")])
    jobs.batch()
    assert shop.stored_checksums() == before


def test_rejected_messages_go_to_the_errors_topic_whole(jobs):
    shop = jobs.shop()
    bad = message("Order Completed", NOON, order_id="1", revenue="-3")
    shop.send([bad, message(None, NOON)])
    number = jobs.batch()
    (error,) = jobs.errors()
    assert base64.b64decode(error["original"]) == bytes_of(bad)
    assert (error["code"], error["field"], error["batch"]) == ("negative_amount", "properties.revenue", number)
    assert error["event_hour"] == NOON.strftime("%Y-%m-%dT%H:%MZ")
    assert b'"envelope_id"' in base64.b64decode(error["envelope"])
    assert shop.books()["rejected"] == 1


def test_an_order_takes_200_messages_and_no_more(jobs):
    shop = jobs.shop()
    updates = [message("Order Updated", NOON + timedelta(seconds=n), order_id="1", revenue=n) for n in range(203)]
    shop.send([message("Order Completed", NOON, order_id="1", revenue=5), *updates[:150]])
    jobs.batch()
    shop.send(updates[150:])
    number = jobs.plan()
    archive_batch(jobs.take(number))
    jobs.run(number)
    jobs.commit(number)
    assert shop.books()["rejected"] == 4
    assert {error["code"] for error in jobs.errors()} == {"too_many_order_events"}
    assert all(base64.b64decode(error["envelope"]).startswith(b'{"v":1') for error in jobs.errors())


def test_bytes_that_are_no_envelope_and_unknown_shops_are_errors(jobs):
    shop = jobs.shop()
    nobody = jobs.shop("nobody")
    jobs.database[Collection.MERCHANTS].delete_one({"_id": "nobody"})
    nobody.send([message(None, NOON)])
    shop.send([message(None, NOON)])
    jobs.batch()
    assert {error["code"] for error in jobs.errors()} == {"unknown_merchant"}
    assert shop.books()["accepted"] == 1


def test_a_clock_that_is_wrong_once_gives_every_copy_the_same_hour(jobs):
    shop = jobs.shop()
    page = message(None, NOON, "v1")
    sent_at = (NOON + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    wrong = page | {"sentAt": sent_at}
    shop.send_bytes([bytes_of(wrong)])
    jobs.batch()
    shop.send_bytes([bytes_of(wrong)])
    jobs.batch()
    assert shop.books() == {
        "received": 2, "returned": 0, "accepted": 1, "duplicate": 1, "bot": 0, "rejected": 0,
    }  # fmt: skip
    (hour,) = shop.hours(Family.TRAFFIC)
    assert Arrival(page, datetime.now(UTC)) and hour != NOON.strftime("%Y-%m-%dT%H:%MZ")
