"""Which of two writers wins, and the calendar."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations

import pytest

from contracts.names import Collection, DueGroup
from contracts.reports import Family
from spark_jobs.archive import Snapshot
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import Computation, Report
from spark_jobs.sinks import list_on_calendar, write_reports

AMBER = Merchant("amber", "Europe/Berlin", "EUR", "EUR", 1, False, False, None)
MERCHANTS = {"amber": AMBER}
HOUR = Scope("amber", DueGroup.HOUR, "2026-11-24T10:00Z")
DAY = Scope("amber", DueGroup.DAY, "2026-11-24")


def report(scope=HOUR, sequence=5, epoch=1, events=1):
    computation = Computation(Snapshot(77, sequence), epoch, 0, "run", 1)
    family = Family.TRAFFIC if scope.group == DueGroup.HOUR else Family.PRODUCTS
    return Report(scope, family, {"events": events}, computation.receipt(AMBER, {}), computation.version(AMBER))


def stored(database, scope):
    document = database[Collection.REPORTS].find_one({"family": report(scope).family})
    return (document["hours"][scope.key] if scope.group == DueGroup.HOUR else document)["content"]["events"]


@pytest.mark.parametrize("scope", [HOUR, DAY], ids=["hour", "day"])
@pytest.mark.parametrize(
    ("later", "winner"),
    [({"sequence": 4}, 1), ({"sequence": 5}, 2), ({"sequence": 6}, 2), ({"sequence": 1, "epoch": 2}, 2)],
)
def test_what_is_not_older_wins(database, scope, later, winner):
    write_reports(database, [report(scope)], MERCHANTS)
    write_reports(database, [report(scope, events=2, **later)], MERCHANTS)
    assert stored(database, scope) == winner


def test_an_older_epoch_never_wins(database):
    write_reports(database, [report(epoch=2)], MERCHANTS)
    write_reports(database, [report(sequence=90, events=2)], MERCHANTS)
    assert stored(database, HOUR) == 1


@pytest.mark.parametrize("damage", [{"version": "?"}, {"version": {}}, {}])
def test_a_report_without_a_readable_version_is_replaced(database, damage):
    write_reports(database, [report()], MERCHANTS)
    database[Collection.REPORTS].update_one({}, {"$set": {f"hours.{HOUR.key}": damage}})
    write_reports(database, [report(sequence=1, events=3)], MERCHANTS)
    assert stored(database, HOUR) == 3


NEWEST_OF_ALL = 2**60


@pytest.mark.parametrize("scope", [HOUR, DAY], ids=["hour", "day"])
@pytest.mark.parametrize(
    "damage",
    [
        {"version.sequence": NEWEST_OF_ALL},
        {"version.epoch": NEWEST_OF_ALL},
        {"version.sequence": float("nan")},
        {"version.epoch": [1, NEWEST_OF_ALL]},
        {"version.sequence": NEWEST_OF_ALL, "receipt": None},
        {"version.sequence": NEWEST_OF_ALL, "receipt": "text", "content": 7},
    ],
)
def test_a_damaged_version_does_not_look_newer_for_ever(database, scope, damage):
    write_reports(database, [report(scope)], MERCHANTS)
    prefix = f"hours.{HOUR.key}." if scope is HOUR else ""
    database[Collection.REPORTS].update_one({}, {"$set": {f"{prefix}{name}": value for name, value in damage.items()}})
    write_reports(database, [report(scope, events=3)], MERCHANTS)
    assert stored(database, scope) == 3


@pytest.mark.parametrize("hours", [None, 7, "text", [], [{"2026-11-24T10:00Z": 1}]], ids=repr)
def test_hours_that_are_no_object_stop_no_batch(database, hours):
    write_reports(database, [report()], MERCHANTS)
    database[Collection.REPORTS].update_one({}, {"$set": {"hours": hours, "merchant": "other", "schema": 9}})
    eleven = replace(HOUR, key="2026-11-24T11:00Z")
    write_reports(database, [report(events=3), report(eleven, events=4)], MERCHANTS)
    (document,) = database[Collection.REPORTS].find()
    assert (document["merchant"], document["schema"], set(document["hours"])) == ("amber", 1, {HOUR.key, eleven.key})


WRITERS = {"rebuild": 7, "batch": 8, "second attempt": 8, "late attempt": 5}
"""Each by the sequence of its snapshot; the attempts of a batch find the same numbers in the archive."""


@pytest.mark.parametrize("scope", [HOUR, DAY], ids=["hour", "day"])
@pytest.mark.parametrize("before", ["nothing", "old", "damaged"])
def test_the_newest_numbers_stand_in_every_order_of_finishing(database, scope, before):
    for order in permutations(WRITERS):
        database[Collection.REPORTS].delete_many({})
        if before != "nothing":
            write_reports(database, [report(scope, sequence=3)], MERCHANTS)
        if before == "damaged":
            prefix = f"hours.{HOUR.key}." if scope is HOUR else ""
            change = {f"{prefix}version.sequence": NEWEST_OF_ALL, f"{prefix}content": None}
            database[Collection.REPORTS].update_one({}, {"$set": change})
        for name in order:
            write_reports(database, [report(scope, WRITERS[name], events=WRITERS[name])], MERCHANTS)
        assert stored(database, scope) == 8, order


def test_the_newest_numbers_stand_when_all_write_at_once(database):
    for _ in range(20):
        database[Collection.REPORTS].delete_many({})
        with ThreadPoolExecutor(len(WRITERS)) as pool:
            writes = [
                pool.submit(write_reports, database, [report(sequence=number, events=number)], MERCHANTS)
                for number in WRITERS.values()
            ]
        assert [write.exception() for write in writes] == [None] * len(WRITERS)
        assert stored(database, HOUR) == 8


def test_hours_of_a_day_share_a_document_and_keep_their_own_versions(database):
    eleven = replace(HOUR, key="2026-11-24T11:00Z")
    touched = write_reports(database, [report(), report(eleven, sequence=9)], MERCHANTS)
    write_reports(database, [report(events=2, sequence=6), report(eleven, sequence=8, events=2)], MERCHANTS)
    (document,) = database[Collection.REPORTS].find()
    assert touched == [{"merchant": "amber", "reports": ["amber/1/traffic/2026-11-24"]}]
    assert {key: one["content"]["events"] for key, one in document["hours"].items()} == {HOUR.key: 2, eleven.key: 1}


def test_the_calendar_lists_hours_under_their_local_day(database):
    late = replace(HOUR, key="2026-11-24T23:00Z")
    list_on_calendar(database, [HOUR, late], MERCHANTS)
    list_on_calendar(database, [HOUR], MERCHANTS)
    (month,) = database[Collection.CALENDAR].find()
    assert (month["_id"], month["days"]) == ("amber/2026-11", {"24": [HOUR.key], "25": [late.key]})
