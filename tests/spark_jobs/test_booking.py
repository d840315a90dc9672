"""The restored ledger beside the archive: every message of the topic is in exactly one entry afterwards."""

from datetime import UTC, datetime

from contracts.names import BatchState
from spark_jobs.archive import Snapshot
from spark_jobs.catch_up_with_archive.archived import ArchivedBatch
from spark_jobs.catch_up_with_archive.booking import Known, book
from spark_jobs.catch_up_with_archive.recovering import in_groups

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
SNAPSHOT = Snapshot(77, 9)
NUMBER = 1_000_000
NEWEST = {"_id": 5, "state": "committed", "ends": {"0": 10, "1": 10}, "ranges": {}}


def archived(id_, **ranges):
    spans = {name[1:]: list(span) for name, span in ranges.items()}
    count = sum(end - start for start, end in spans.values())
    return ArchivedBatch(id_, spans, [NOW], {"messages": count, "rejected": 0, "returned": 0}, NOW)


def booked(*batches, newest=NEWEST, open_=()):
    known = Known("topic-id", newest, NOW, list(open_))
    return book(known, batches, SNAPSHOT, NUMBER, NOW)


def ranges(entries):
    return {entry["_id"]: entry["ranges"] for entry in entries}


def test_what_the_archive_has_beyond_the_ledger_becomes_its_batches():
    found = booked(archived(8, p0=(10, 14)), archived(11, p0=(14, 15), p1=(10, 12)))
    first, second = found.new
    assert (first["_id"], first["previous"], first["ranges"], first["ends"]) == (
        8,
        5,
        {"0": [10, 14]},
        {"0": 14, "1": 10},
    )
    assert (second["previous"], second["ends"], second["messages"]) == (8, {"0": 15, "1": 12}, 3)
    assert {entry["state"] for entry in found.new} == {BatchState.ANNOUNCED}
    assert first["archived"] == {"sequence": 9, "snapshot": "77"} and first["watermark"] == NOW
    assert not found.changes


def test_a_ledger_without_batches_begins_where_the_archive_does():
    found = booked(archived(1, p0=(3, 9)), newest=None)
    assert [(one["_id"], one["previous"], one["ends"]) for one in found.new] == [(1, 0, {"0": 9})]


def test_an_unfinished_batch_that_the_archive_holds_is_done():
    open_ = {"_id": 5, "state": "planned", "ranges": {"0": [4, 10]}, "ends": {"0": 10}}
    found = booked(archived(5, p0=(4, 10)), newest=open_, open_=[open_])
    assert not found.new
    assert found.changes[5]["state"] == BatchState.ANNOUNCED and found.changes[5]["counts"]["messages"] == 6


def test_a_batch_that_was_extended_after_the_backup_ends_where_the_archive_does():
    open_ = {"_id": 5, "state": "planned", "ranges": {"0": [4, 10]}, "ends": {"0": 10, "1": 10}}
    found = booked(archived(5, p0=(4, 13), p1=(10, 12)), archived(6, p0=(13, 15)), newest=open_, open_=[open_])
    assert found.changes[5]["ranges"] == {"0": [4, 13], "1": [10, 12]} and found.changes[5]["messages"] == 11
    assert found.changes[5]["ends"] == {"0": 13, "1": 12}
    assert [(one["_id"], one["previous"], one["ends"]) for one in found.new] == [(6, 5, {"0": 15, "1": 12})]


def test_an_unfinished_batch_of_which_the_archive_has_nothing_goes_on():
    open_ = {"_id": 5, "state": "planned", "ranges": {"0": [4, 10]}, "ends": {"0": 10}}
    found = booked(newest=open_, open_=[open_])
    assert not found.new and not found.changes


def test_what_was_set_aside_after_the_backup_is_read_as_far_as_the_archive_lacks_it():
    """Batch 6 is nowhere: 7 follows it, 9 is a half of its half, 8 the other half."""
    halves = [archived(9, p0=(12, 13)), archived(8, p0=(14, 16), p1=(10, 12))]
    found = booked(archived(7, p0=(16, 20), p1=(12, 13)), *halves)
    assert ranges(found.new) == {
        7: {"0": [16, 20], "1": [12, 13]},
        8: {"0": [14, 16], "1": [10, 12]},
        9: {"0": [12, 13]},
        NUMBER + 1: {"0": [10, 12]},
        NUMBER + 2: {"0": [13, 14]},
    }
    by_id = {entry["_id"]: entry for entry in found.new}
    assert [by_id[n].get("previous") for n in (7, 8, 9, NUMBER + 1, NUMBER + 2)] == [5, None, None, 7, NUMBER + 1]
    assert by_id[NUMBER + 2]["ends"] == {"0": 20, "1": 13} and by_id[NUMBER + 2]["state"] == BatchState.PLANNED
    assert by_id[9]["origin"] == {"topic": "footfall.events.v1", "topic_id": "topic-id"}


def test_the_rest_of_a_copy_is_read_from_the_copy():
    whole = {
        "_id": 4,
        "state": "set_aside",
        "topic": "t",
        "topic_id": "i",
        "ranges": {"0": [0, 8]},
        "ends": {"0": 8},
        "copy": {},
        "oldest_at": NOW,
    }
    found = booked(archived(7, p0=(2, 4)), open_=[whole])
    parts = [entry for entry in found.new if "parent" in entry]
    assert [(one["parent"], one["part"], one["root"], one["ranges"], one["messages"]) for one in parts] == [
        (4, 0, 4, {"0": [0, 2]}, 2),
        (4, 1, 4, {"0": [4, 8]}, 4),
    ]
    assert parts[0]["origin"] == {"topic": "t", "topic_id": "i"} and parts[0]["oldest_at"] == NOW
    assert found.changes[4]["halved_at"] == NOW
    assert [entry["_id"] for entry in found.new if "parent" not in entry] == [7]


def test_a_half_that_is_in_the_archive_under_its_parts_is_done():
    half = {"_id": 6, "state": "planned", "parent": 4, "part": 0, "root": 4, "ranges": {"0": [0, 4]}, "oldest_at": NOW}
    half["origin"] = {"topic": "t", "topic_id": "i"}
    found = booked(archived(7, p0=(0, 2)), archived(8, p0=(2, 4)), open_=[half])
    assert found.changes[6]["state"] == BatchState.SET_ASIDE and found.changes[6]["announced_at"] == NOW
    assert sorted(entry["_id"] for entry in found.new) == [7, 8]


def test_as_many_batches_are_made_again_together_as_one_may_have_messages():
    batches = [archived(n, p0=(0, size)) for n, size in enumerate([3, 3, 5, 20, 1])]
    assert [[one.id for one in group] for group in in_groups(batches, 10)] == [[0, 1], [2], [3], [4]]


def test_the_rest_of_a_batch_without_a_copy_is_read_from_the_topic():
    open_ = {"_id": 5, "state": "archived", "ranges": {"0": [4, 10]}, "ends": {"0": 10}}
    found = booked(archived(7, p0=(4, 6)), archived(6, p0=(10, 12)), newest=open_, open_=[open_])
    assert ranges(found.new) == {6: {"0": [10, 12]}, 7: {"0": [4, 6]}, NUMBER + 1: {"0": [6, 10]}}
    assert found.changes[5]["state"] == BatchState.SET_ASIDE and found.changes[5]["halved_at"] == NOW
