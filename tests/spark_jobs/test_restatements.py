"""Reports of closed days that change: each change is kept once, however often a job dies or others write."""

from datetime import UTC, datetime

import pytest

from contracts.ledger import CAUGHT_UP
from contracts.names import Collection, DueGroup, Topic
from contracts.reports import Family
from contracts.restatements import Why
from spark_jobs.archive import Snapshot
from spark_jobs.due_scopes import Scope, make_due, read_tokens
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import Computation, Report
from spark_jobs.restatements import ClosedDays, replace_closed
from spark_jobs.sinks import _refused_places, write_reports

AMBER = Merchant("amber", "Europe/Berlin", "EUR", "EUR", 1, False, False, None)
MERCHANTS = {"amber": AMBER}
HOUR = Scope("amber", DueGroup.HOUR, "2026-11-24T10:00Z")
DAY = Scope("amber", DueGroup.DAY, "2026-11-24")
MIDNIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)
BOTH = pytest.mark.parametrize("scope", [HOUR, DAY], ids=["hour", "day"])


def report(scope=HOUR, sequence=5, events=1, batch=1, epoch=1):
    computation = Computation(Snapshot(77, sequence), epoch, 0, f"run-{batch}", batch)
    family = Family.TRAFFIC if scope.group == DueGroup.HOUR else Family.PRODUCTS
    return Report(scope, family, {"events": events}, computation.receipt(AMBER, {}), computation.version(AMBER))


@pytest.fixture
def until(database):
    """Sets the platform's watermark."""

    def do(instant):
        query = {"_id": CAUGHT_UP[Topic.EVENTS]}
        database[Collection.PLATFORM].update_one(query, {"$set": {"caught_up_at": instant}}, upsert=True)

    return do


@pytest.fixture
def write(database):
    """Makes the scope due and writes its report."""

    def do(scope=HOUR, causes=(Why.LATE,), **fields):
        database[Collection.DUE_SCOPES].delete_many({})
        make_due(database, [scope], 1, None, "test", {scope: causes})
        write_reports(database, [report(scope, **fields)], MERCHANTS, read_tokens(database, [scope.id], 1))

    return do


@pytest.fixture
def kept(database):
    def do(*fields):
        found = database[Collection.RESTATEMENTS].find().sort("at", 1)
        return [tuple(one[name] for name in fields) if fields else one for one in found]

    return do


def numbers(restatements):
    return [(one["changed"][0]["before"], one["changed"][0]["after"]) for one in restatements]


@BOTH
def test_a_change_of_a_closed_day_is_kept_whole(write, until, kept, scope):
    until(MIDNIGHT)
    write(scope)
    write(scope, sequence=6, events=3, batch=2)
    (found,) = kept()
    assert found["changed"] == [{"measure": "events", "before": 1, "after": 3}]
    assert (found["merchant"], found["family"]) == ("amber", report(scope).family)
    assert (found["scope"], found["day"]) == (scope.key, "2026-11-24")
    assert (found["why"], found["batch"], found["run"], found["more"]) == ("late", 2, "run-2", 0)


@BOTH
def test_the_same_numbers_are_no_change(write, until, kept, scope):
    until(MIDNIGHT)
    write(scope)
    write(scope, sequence=6, batch=2, causes=())
    assert kept() == []


def test_a_day_is_open_until_the_platform_said_that_it_is_complete(write, until, kept):
    write()
    write(sequence=6, events=2)
    until(MIDNIGHT.replace(hour=22, minute=59))
    write(sequence=7, events=3)
    assert kept() == []
    until(MIDNIGHT)
    write(sequence=8, events=4)
    assert numbers(kept()) == [(3, 4)]


def test_what_was_due_when_the_day_closed_is_its_first_closed_number(database, write, until, kept):
    write()
    make_due(database, [HOUR], 1, None, "batch 2", {HOUR: {Why.LATE}})
    until(MIDNIGHT)
    due = read_tokens(database, [HOUR.id], 1)
    write_reports(database, [report(sequence=6, events=2)], MERCHANTS, due)
    assert kept() == []


def test_an_older_report_loses_and_leaves_no_trace(write, until, kept):
    until(MIDNIGHT)
    write(sequence=6)
    write(sequence=5, events=9)
    assert kept() == []


def test_there_and_back_and_there_again_are_three_changes(write, until, kept):
    until(MIDNIGHT)
    for sequence, events in enumerate([1, 2, 1, 2], start=5):
        write(sequence=sequence, events=events)
    assert numbers(kept()) == [(1, 2), (2, 1), (1, 2)]


@BOTH
def test_killed_between_the_report_and_the_change_it_is_kept_by_the_next_attempt(database, write, until, kept, scope):
    until(MIDNIGHT)
    write(scope)
    write(scope, sequence=6, events=2)
    (before,) = kept()
    database[Collection.RESTATEMENTS].delete_many({})
    write(scope, sequence=7, events=2, batch=3)
    assert [{**one, "at": None} for one in kept()] == [{**before, "at": None}]
    write(scope, sequence=8, events=2, batch=4)
    assert len(kept()) == 1


def test_another_writer_in_between_is_seen_and_the_change_starts_from_its_number(database, write, until, kept):
    until(MIDNIGHT)
    write()
    make_due(database, [HOUR], 1, None, "test", {HOUR: {Why.LATE}})
    closed = ClosedDays.of(read_tokens(database, [HOUR.id], 1), MERCHANTS)

    def interrupted(writes):
        if not others:
            others.append(1)
            write(sequence=6, events=5)
        return _refused_places(database, writes)

    others = []
    replace_closed(database, [report(sequence=7, events=8)], closed, interrupted)
    assert numbers(kept()) == [(1, 5), (5, 8)]


@pytest.mark.parametrize(("events", "changes"), [(5, [(1, 5)]), (1, [])], ids=["other numbers", "the same numbers"])
def test_a_newer_report_that_came_in_between_wins(database, write, until, kept, events, changes):
    until(MIDNIGHT)
    write()
    closed = ClosedDays.of(read_tokens(database, [HOUR.id], 1), MERCHANTS)

    def interrupted(writes):
        write(sequence=9, events=events)
        return _refused_places(database, writes)

    replace_closed(database, [report(sequence=7, events=8)], closed, interrupted)
    assert numbers(kept()) == changes
    assert database[Collection.REPORTS].find_one()["hours"][HOUR.key]["version"]["sequence"] == 9


@pytest.mark.parametrize("damage", [{"checksum": "?"}, {"checksum": None}, {"version": {}}, {"content": 7}, {}, "x"])
def test_a_damaged_number_was_shown_to_nobody(database, write, until, kept, damage):
    until(MIDNIGHT)
    write()
    found = database[Collection.REPORTS].find_one()["hours"][HOUR.key]
    broken = found | damage if damage and isinstance(damage, dict) else damage
    database[Collection.REPORTS].update_one({}, {"$set": {f"hours.{HOUR.key}": broken}})
    write(sequence=6, events=3)
    assert kept() == []
    assert database[Collection.REPORTS].find_one()["hours"][HOUR.key]["content"] == {"events": 3}


@pytest.mark.parametrize("hours", ["x", [], None, 7])
def test_hours_that_are_no_object_are_replaced_in_a_closed_day_too(database, write, until, kept, hours):
    until(MIDNIGHT)
    write()
    database[Collection.REPORTS].update_one({}, {"$set": {"hours": hours}})
    write(sequence=6, events=3)
    assert kept() == []
    assert database[Collection.REPORTS].find_one()["hours"][HOUR.key]["content"] == {"events": 3}


@BOTH
def test_a_version_that_its_own_receipt_contradicts_is_replaced_in_a_closed_day_too(
    database, write, until, kept, scope
):
    until(MIDNIGHT)
    write(scope)
    place = f"hours.{scope.key}." if scope.group == DueGroup.HOUR else ""
    database[Collection.REPORTS].update_one({}, {"$set": {f"{place}version.sequence": 10**6}})
    write(scope, sequence=6, events=3)
    found = database[Collection.REPORTS].find_one()
    assert kept() == []
    assert (found["hours"][scope.key] if place else found)["content"] == {"events": 3}


@pytest.mark.parametrize("junk", ["x", {"_id": 7}, {"_id": "of another", "merchant": "birch"}])
def test_what_stands_beside_the_numbers_and_is_no_change_of_them_is_not_kept(database, write, until, kept, junk):
    until(MIDNIGHT)
    write()
    database[Collection.REPORTS].update_one({}, {"$set": {f"hours.{HOUR.key}.restated": junk}})
    write(sequence=6, events=3)
    assert numbers(kept()) == [(1, 3)]
