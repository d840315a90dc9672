"""A database as it was before some batches, beside the archive that has them: the same database afterwards, to the number."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo import ASCENDING

from contracts.names import BatchState, Collection, DagId, DueGroup, Topic
from contracts.restores import NUMBERS_AT_ONCE, RESTORE, RestoreState
from footfall_airflow.ledger import Ledger, position_of
from footfall_airflow.restored import plan_catch_up
from spark_jobs.archive import current_snapshot
from spark_jobs.attempts import Attempt
from spark_jobs.catch_up_with_archive.archived import read_unfinished
from spark_jobs.catch_up_with_archive.job import work
from spark_jobs.catch_up_with_archive.recovering import recover
from spark_jobs.failures import TransientError
from spark_jobs.ledger import take
from spark_jobs.platform import require_no_restore
from tests.road.shops import bytes_of, message
from tests.spark_jobs.jobs import ends

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
LAMP = {"product_id": "p1", "name": "Lamp", "price": "19.99"}


def no_clock(visitor):
    """Its time is the one at which it was first received."""
    return {"type": "page", "messageId": "no-clock", "anonymousId": visitor}


def before_the_backup():
    return [
        message("Order Completed", NOON, order_id="refunded", revenue=50, products=[LAMP]),
        message("Order Completed", NOON + timedelta(hours=2), order_id="moves", revenue=70, products=[LAMP]),
        *[message("Product Viewed", NOON + timedelta(minutes=n), f"v{n}", **LAMP) for n in range(3)],
    ]


def in_flight(first):
    return [*first[2:], message("Order Refunded", NOON + timedelta(hours=1), order_id="refunded", revenue=10)]


def after_the_backup():
    return [
        message("Order Completed", NOON + timedelta(minutes=5), order_id="moves", revenue=70, products=[LAMP]),
        message("Order Completed", NOON - timedelta(days=9), order_id="late", revenue=7),
        no_clock("v1"),
    ]


@pytest.fixture
def shop(jobs):
    return jobs.shop()


@pytest.fixture
def history(jobs, shop):
    """What was there at the backup, with a batch at work; two batches later. Answers (contents of the backup, how it ended)."""
    first = before_the_backup()
    shop.send(first)
    jobs.batch()
    jobs.days()
    shop.send(in_flight(first))
    number = jobs.plan()
    backup = contents(jobs.database)
    jobs.run(number)
    jobs.commit(number)
    shop.send(after_the_backup())
    shop.send_bytes([bytes_of(message("Order Completed", NOON, order_id="bad", revenue=-1))])
    jobs.batch()
    jobs.days()
    return backup, (shop.numbers(), orders(jobs.database), times(jobs.database))


def contents(database):
    return {name: list(database[name].find()) for name in database.list_collection_names()}


def orders(database):
    found = database[Collection.ORDERS].find().sort("_id", ASCENDING)
    return [{name: value for name, value in order.items() if name != "revision"} for order in found]


def times(database):
    return {one["_id"]: one["event_time"] for one in database[Collection.ASSIGNED_TIMES].find()}


def put_back(jobs, backup):
    """As `footfall restore --in-place` leaves it."""
    for name in jobs.database.list_collection_names():
        jobs.database[name].delete_many({})
        if backup.get(name):
            jobs.database[name].insert_many(backup[name])
    jobs.database[Collection.BATCHES].update_many({"state": "planned"}, {"$inc": {"attempt": 1_000}})
    jobs.database[Collection.BACKUPS].insert_one({"_id": RESTORE, "state": RestoreState.RESTORED, "is_booked": False})


def round_of(jobs):
    run, ledger = uuid4().hex, Ledger(jobs.database, DagId.CATCH_UP_WITH_ARCHIVE, 60)
    entry = plan_catch_up(ledger, jobs.database, run)
    return Attempt(jobs.spark, jobs.database, jobs.settings, take(jobs.database, entry["_id"], run))


def test_a_restored_database_is_what_it_was(jobs, shop, history):
    backup, ended = history
    errors, archive = jobs.errors(), current_snapshot(jobs.spark)
    put_back(jobs, backup)
    assert shop.numbers() != ended[0]
    attempt = round_of(jobs)
    # killed between what the batches brought and the ledger
    recover(attempt, archive, read_unfinished(jobs.spark, jobs.database, archive))
    attempt.entry.note_reported(work(attempt).touched, 1.0)
    jobs.days()
    assert (shop.numbers(), orders(jobs.database), times(jobs.database)) == ended
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []
    assert current_snapshot(jobs.spark) == archive, "nothing was archived a second time"
    assert {one["error_id"] for one in jobs.errors()} == {one["error_id"] for one in errors}
    assert_ledger_is_in_step(jobs)
    before = contents(jobs.database)
    assert not work(attempt).touched
    assert contents(jobs.database) == before, "a second time it changes nothing"
    assert_a_late_copy_takes_the_time_that_was_decided(jobs, shop, ended[2])


def assert_ledger_is_in_step(jobs):
    state = jobs.database[Collection.BACKUPS].find_one({"_id": RESTORE})
    assert (state["state"], state["is_booked"]) == (RestoreState.CAUGHT_UP, True)
    batches = list(jobs.database[Collection.BATCHES].find({"topic": Topic.EVENTS}).sort("_id", 1))
    assert [one["state"] for one in batches] == [BatchState.COMMITTED, BatchState.ANNOUNCED, BatchState.ANNOUNCED]
    position = position_of(jobs.database, Topic.EVENTS)
    assert {str(partition): end for partition, end in position.ends.items()} == ends(jobs.settings)
    assert jobs.database[Collection.COUNTERS].find_one({"_id": "batches"})["value"] == NUMBERS_AT_ONCE


def assert_a_late_copy_takes_the_time_that_was_decided(jobs, shop, decided):
    """The next batch reads what nobody has read, and no more."""
    jobs.last, hours, copies = NUMBERS_AT_ONCE, set(shop.numbers()), shop.books()["duplicate"]
    shop.send([no_clock("v1")])
    number = jobs.plan()
    assert jobs.database[Collection.BATCHES].find_one({"_id": number})["messages"] == 1
    jobs.run(number)
    assert times(jobs.database) == decided
    assert shop.books()["duplicate"] == copies + 1
    assert set(shop.numbers()) == hours, "no hour of its own"


def test_no_job_begins_while_the_database_is_restored(database):
    for state in (RestoreState.RESTORING, RestoreState.RESTORED):
        database[Collection.BACKUPS].replace_one({"_id": RESTORE}, {"state": state}, upsert=True)
        with pytest.raises(TransientError, match="is being restored"):
            require_no_restore(database)
    database[Collection.BACKUPS].update_one({"_id": RESTORE}, {"$set": {"state": RestoreState.CAUGHT_UP}})
    require_no_restore(database)


def test_while_collections_are_put_back_the_round_waits(jobs):
    put_back(jobs, {})
    attempt = round_of(jobs)
    jobs.database[Collection.BACKUPS].update_one({"_id": RESTORE}, {"$set": {"state": RestoreState.RESTORING}})
    before = contents(jobs.database)
    with pytest.raises(TransientError, match="is being restored"):
        work(attempt)
    assert contents(jobs.database) == before
