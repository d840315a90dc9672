"""Books of a range, from reports and inbox as they stand in a real database."""

from datetime import timedelta

import pytest

from contracts.books import Books
from contracts.ledger import CAUGHT_UP
from contracts.names import BatchState, Collection, DagId, Topic
from contracts.reports import Family
from contracts.zones import hour_key
from report_app.reading.books import read_books
from report_app.reading.merchants import merchants_by_id
from report_app.reading.ranges import read_view
from tests.report_app.documents import NOW, Archive, local_hour, merchant, quality

TEN, ELEVEN = local_hour("2026-11-23 10"), local_hour("2026-11-23 11")


@pytest.fixture
def archive(database):
    database[Collection.MERCHANTS].insert_one(merchant())
    return Archive(database)


@pytest.fixture
def hour(archive):
    """Writes the quality report of an hour with some accepted and some rejected messages, computed at NOW - 60 s."""

    def do(start=TEN, accepted=4, rejected=0, **counts):
        counts = {"received": accepted + rejected, "accepted": accepted, "rejected": rejected} | counts
        computed_at = (NOW - timedelta(seconds=60)).isoformat()
        archive.hour(Family.QUALITY, start, quality(**counts), computed_at=computed_at)

    return do


@pytest.fixture
def file(database):
    """Puts messages of these statuses into the inbox, and its watermark behind the reports."""

    def do(*statuses, start=TEN, shop="nordlicht", filed_until=NOW):
        documents = [{"merchant": shop, "event_hour": hour_key(start), "status": status} for status in statuses]
        if documents:
            database[Collection.FAILED_EVENTS].insert_many(documents)
        database[Collection.PLATFORM].update_one(
            {"_id": CAUGHT_UP[Topic.ERRORS]}, {"$set": {"caught_up_at": filed_until}}, upsert=True
        )

    return do


@pytest.fixture
def read(database, archive):
    def do(**arguments):
        shop = merchants_by_id(database, ["nordlicht"])["nordlicht"]
        return read_books(database, shop, read_view(arguments or {"range": "yesterday"}, shop.zone, NOW, NOW))

    return do


def test_every_rejected_message_has_its_fate(hour, file, read):
    hour(rejected=4)
    file("waiting", "parked", "repaired", "dropped")
    file("waiting", shop="another")
    (row,) = read().rows
    assert row.books == Books(8, 0, 4, rejected=4, waiting=2, repaired=1, dropped=1)


def test_days_add_up_hours_and_name_the_wrong_one(hour, file, read):
    hour(TEN, rejected=1)
    hour(ELEVEN, rejected=2)
    file("waiting")
    found = read(range="7d")
    assert [(row.day.isoformat(), row.hour) for row in found.rows] == [("2026-11-23", None)]
    assert (found.total.not_accounted_for, found.wrong_hours) == (2, (hour_key(ELEVEN),))


def test_errors_on_their_way_do_not_cry_wolf(hour, file, read):
    hour(rejected=3)
    file("waiting", filed_until=NOW - timedelta(seconds=55))
    found = read()
    assert (found.total.on_its_way, found.total.adds_up, found.wrong_hours) == (2, True, ())
    file(filed_until=NOW - timedelta(seconds=50))
    assert read().total.not_accounted_for == 2


def test_errors_of_a_batch_at_work_are_not_too_many(hour, file, read, database):
    hour()
    file("waiting")
    at_work = {"dag": DagId.PROCESS_EVENTS, "topic": Topic.EVENTS, "hours": [TEN]}
    database[Collection.BATCHES].insert_one({"_id": 7, "state": BatchState.ARCHIVED, **at_work})
    assert read().total.on_its_way == 1
    database[Collection.BATCHES].update_one({"_id": 7}, {"$set": {"state": BatchState.COMMITTED}})
    assert read().total.not_accounted_for == 1


def test_a_message_in_the_inbox_of_an_hour_without_report_is_seen(file, read):
    file("waiting")
    assert read().wrong_hours == (hour_key(TEN),)


def test_a_flood_that_is_only_counted_waits(hour, file, read, database):
    hour(rejected=5_000)
    file("waiting")
    counts = [{"hour": hour_key(TEN), "waiting": 4_990, "dropped": 9}]
    database[Collection.ERROR_CAUSES].insert_one({"merchant": "nordlicht", "hours": counts})
    total = read().total
    assert (total.waiting, total.dropped, total.adds_up) == (4_991, 9, True)


def test_a_copy_that_was_rejected_again_has_the_fate_of_its_arrival(hour, file, read, database):
    hour(TEN, rejected=1)
    hour(ELEVEN, accepted=0, rejected=1, received=0, returned=1)
    file("dropped")
    again = {"outcome": "rejected", "event_hour": hour_key(ELEVEN)}
    database[Collection.FAILED_EVENTS].update_one({}, {"$set": {"attempts": [again, {"outcome": None}]}})
    found = read()
    assert (found.total.dropped, found.total.adds_up) == (2, True)


def test_errors_of_a_batch_that_is_taken_apart_are_not_too_many(hour, file, read, database):
    hour()
    file("waiting")
    whole = {"_id": 7, "state": BatchState.SET_ASIDE, "halved_at": NOW, "hours": [TEN], "announced_at": NOW}
    half = {"_id": 8, "state": BatchState.PLANNED, "parent": 7, "root": 7}
    database[Collection.BATCHES].insert_many([{"dag": DagId.PROCESS_EVENTS, **one} for one in (whole, half)])
    assert read().total.on_its_way == 1
    database[Collection.BATCHES].update_one({"_id": 8}, {"$set": {"state": BatchState.ANNOUNCED}})
    assert read().total.not_accounted_for == 1


def test_a_damaged_report_has_no_books(hour, read, database):
    hour()
    database[Collection.REPORTS].update_one({}, {"$set": {f"hours.{hour_key(TEN)}.content.received": 5}})
    (row,) = read().rows
    assert row.books is None
    assert not read().is_read
