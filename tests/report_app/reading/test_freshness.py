from datetime import timedelta

from contracts.names import BatchState, Collection
from report_app.reading.freshness import read_freshness
from tests.report_app.documents import NOW, commit_batch


def ago(**span):
    return NOW - timedelta(**span)


def test_the_later_of_batch_and_caught_up_is_the_watermark(database):
    commit_batch(database, ago(minutes=30), 1)
    commit_batch(database, ago(minutes=20), 2, BatchState.ANNOUNCED)
    database[Collection.PLATFORM].insert_one({"_id": "watermark", "caught_up_at": ago(seconds=4)})
    assert read_freshness(database, NOW).watermark == ago(seconds=4)


def test_without_a_batch_nothing_is_complete(database):
    assert read_freshness(database, NOW).watermark is None


def test_late_names_the_batch_that_is_open(database):
    commit_batch(database, ago(minutes=20), 1)
    commit_batch(database, None, 2, BatchState.PLANNED, attempt=3)
    found = read_freshness(database, NOW)
    assert found.is_late
    assert found.why.startswith("Batch 2 is still being computed (attempt 3).")


def test_batches_of_errors_and_rounds_do_not_count(database):
    commit_batch(database, ago(minutes=20), 1)
    commit_batch(database, ago(minutes=1), 2, topic="footfall.errors.v1")
    commit_batch(database, ago(minutes=1), "round-3", topic=None)
    assert read_freshness(database, NOW).watermark == ago(minutes=20)


def test_what_was_set_aside_holds_the_watermark_until_it_is_counted(database):
    commit_batch(database, ago(minutes=30), 1)
    commit_batch(database, ago(minutes=10), 2, BatchState.SET_ASIDE, oldest_at=ago(minutes=20))
    commit_batch(database, ago(minutes=1), 3)
    found = read_freshness(database, NOW)
    assert found.watermark == ago(minutes=20)
    assert found.why.startswith("A part of batch 2 could not be computed")
    batches = database[Collection.BATCHES]
    batches.update_one({"_id": 2}, {"$set": {"halved_at": NOW}})
    half = {"parent": 2, "root": 2, "oldest_at": ago(minutes=15)}
    batches.insert_one({"_id": 4, "dag": "process_events", "run": "r", "state": "planned"} | half)
    assert read_freshness(database, NOW).watermark == ago(minutes=15)
    batches.update_one({"_id": 4}, {"$set": {"state": BatchState.COMMITTED}})
    assert read_freshness(database, NOW).watermark == ago(minutes=1)
