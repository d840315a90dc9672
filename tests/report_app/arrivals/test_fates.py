"""What the ledger and the inbox say about arrivals."""

import json
import zlib
from datetime import timedelta

import pytest

from contracts.names import BatchState, Collection, Topic
from report_app.arrivals.fates import FEW_BATCHES, Fate, FateState, first_fate, read_fates
from report_app.arrivals.recent import Recent
from tests.report_app.arrivals.envelopes import RECEIVED, arrival

TOPIC = "topic-1"
REPORTED = RECEIVED + timedelta(seconds=8)
FILED = REPORTED + timedelta(seconds=11)


def batch(number, state=BatchState.COMMITTED, **overrides):
    return {
        "_id": number,
        "dag": "process_events",
        "run": "r",
        "topic": str(Topic.EVENTS),
        "topic_id": TOPIC,
        "previous": number - 1,
        "state": str(state),
        "ranges": {"0": [0, 10]},
        "reported_at": REPORTED,
    } | overrides


def filed_until(database, instant):
    database[Collection.PLATFORM].replace_one({"_id": "watermark_of_errors"}, {"caught_up_at": instant}, upsert=True)


def fates_of(database, *arrivals, merchant="nordlicht"):
    recent = Recent()
    for one in arrivals:
        recent.add(one)
    return read_fates(database, merchant, TOPIC, arrivals, recent.first_of_copies())


def test_nothing_is_known_before_the_batch_has_ended(database):
    assert fates_of(database, arrival()) == {}
    database[Collection.BATCHES].insert_one(batch(1, BatchState.ARCHIVED))
    filed_until(database, FILED)
    assert fates_of(database, arrival()) == {}
    assert first_fate(arrival()).state is FateState.RECEIVED


def test_the_collectors_own_rejections_are_known_at_once():
    found = first_fate(arrival(reject={"code": "unknown_type", "field": "type"}))
    assert (found.state, found.code, found.field, found.is_final) == (FateState.REJECTED, "unknown_type", "type", True)


def test_it_is_counted_once_no_error_can_be_on_its_way(database):
    database[Collection.BATCHES].insert_one(batch(1))
    filed_until(database, REPORTED + timedelta(seconds=9))
    assert fates_of(database, arrival()) == {}
    filed_until(database, FILED)
    assert fates_of(database, arrival()) == {(0, 0): Fate(FateState.COUNTED)}
    assert fates_of(database, arrival(place=(0, 10))) == {}, "behind the batch"
    assert fates_of(database, arrival(place=(1, 0))) == {}, "of another partition"


def test_a_batch_of_a_topic_that_was_before_says_nothing(database):
    database[Collection.BATCHES].insert_one(batch(1, topic_id="another"))
    filed_until(database, FILED)
    assert fates_of(database, arrival()) == {}


def test_what_is_in_the_inbox_is_rejected_and_says_why(database):
    database[Collection.BATCHES].insert_one(batch(1))
    bad = arrival()
    filed = {"_id": bad.envelope_id, "merchant": "nordlicht", "code": "bad_amount", "field": "properties.total"}
    database[Collection.FAILED_EVENTS].insert_one(filed)
    assert fates_of(database, bad) == {(0, 0): Fate(FateState.REJECTED, "bad_amount", "properties.total")}
    assert fates_of(database, bad, merchant="other") == {}


def test_so_is_what_the_inbox_only_counts(database):
    database[Collection.BATCHES].insert_one(batch(1))
    places = zlib.compress(json.dumps({"0": {"0": ["2026-11-24T13:00Z", False]}}).encode())
    flood = {"_id": "c/1", "merchant": "nordlicht", "cause": "c", "batch": 1, "code": "no_event_name", "field": "event"}
    database[Collection.ERROR_CAUSES].insert_one(flood | {"places": places, "hours": []})
    assert fates_of(database, arrival())[0, 0].code == "no_event_name"


def test_a_copy_names_the_one_that_counts(database):
    database[Collection.BATCHES].insert_one(batch(1))
    filed_until(database, FILED)
    copy = arrival(place=(0, 1), at=RECEIVED + timedelta(seconds=1))
    assert fates_of(database, copy, arrival()) == {
        (0, 0): Fate(FateState.COUNTED),
        (0, 1): Fate(FateState.COPY, first_at=RECEIVED),
    }


def test_what_was_set_aside_waits_for_its_halves(database):
    database[Collection.BATCHES].insert_one(batch(1, BatchState.SET_ASIDE))
    filed_until(database, FILED)
    assert fates_of(database, arrival())[0, 0].state is FateState.HELD_BACK
    half = batch(2, parent=1, root=1)
    del half["topic"], half["topic_id"], half["previous"]
    database[Collection.BATCHES].insert_one(half)
    assert fates_of(database, arrival())[0, 0].state is FateState.COUNTED


@pytest.mark.parametrize("newer", [FEW_BATCHES - 1, FEW_BATCHES + 30])
def test_an_older_batch_is_found_behind_newer_ones(database, newer):
    later = [batch(n + 2, ranges={"0": [10 + n, 11 + n]}) for n in range(newer)]
    database[Collection.BATCHES].insert_many([batch(1), *later])
    filed_until(database, FILED)
    assert fates_of(database, arrival())[0, 0].state is FateState.COUNTED
