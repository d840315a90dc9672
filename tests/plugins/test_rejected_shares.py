"""Shares of rejected messages: of the platform from the ledger, of a shop where they jump."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import BatchState, DagId
from contracts.promises import CheckName
from contracts.reports import Family, report_id
from contracts.settings import Settings
from contracts.zones import hour_key
from footfall_airflow.promises import judge
from footfall_airflow.rejected_shares import look_at_rejected

NOW = datetime(2026, 11, 24, 0, 40, tzinfo=UTC)
"""The shop's day is young: the hour before is another day's."""
DAY, DAY_BEFORE = "2026-11-24", "2026-11-23"


@pytest.fixture
def batch(database):
    def do(messages, rejected, ago=timedelta(minutes=10), shops=("chai",)):
        reports = [{"merchant": shop, "reports": [report_of(shop, DAY)]} for shop in shops]
        number = database.batches.count_documents({}) + 1
        database.batches.insert_one(
            {
                "_id": number,
                "dag": DagId.PROCESS_EVENTS,
                "state": BatchState.COMMITTED,
                "run": f"run-{number}",
                "planned_at": NOW - ago,
                "counts": {"messages": messages, "rejected": rejected, "returned": 0},
                "touched": reports,
            }
        )

    return do


@pytest.fixture
def report(database):
    def do(day, hours, shop="chai"):
        """`hours`: {hours before now: (received, rejected)}"""
        found = {
            hour_key((NOW - timedelta(hours=ago)).replace(minute=0)): {
                "content": {"received": received, "returned": 0, "rejected": rejected}
            }
            for ago, (received, rejected) in hours.items()
        }
        content = {"merchant": shop, "family": Family.QUALITY, "day": day, "hours": found}
        database.reports.insert_one({"_id": report_of(shop, day)} | content)

    return do


def report_of(shop, day):
    return report_id(shop, 1, Family.QUALITY, day)


def broken(database, settings=None, now=NOW):
    looks = look_at_rejected(database, settings or Settings(), now)
    return {subject: look.sentence for subject, look in looks.items() if look.state}


def test_the_platforms_share_is_that_of_the_last_hours_batches(database, batch):
    batch(10_000, 9_000, ago=timedelta(minutes=61))
    batch(900, 50, shops=())
    batch(100, 50, shops=())
    assert broken(database) == {}
    batch(10, 10, shops=())
    assert broken(database)["platform"].startswith("110 of the 1,010 messages of the last hour were rejected (10.9 %)")
    assert broken(database, replace(Settings(), promise_rejected_share=0.2)) == {}


def test_a_few_messages_are_no_alarm(database, batch):
    batch(199, 199, shops=())
    assert broken(database) == {}


def test_a_shop_whose_share_jumps_is_named(database, batch, report):
    batch(10_000, 300)
    report(DAY, {0: (150, 60)})
    report(DAY_BEFORE, {1: (150, 60), 5: (1_000, 100)})
    assert "Shop chai: 120 of 300 messages of the last hours were rejected (40.0 %), 10.0 %" in str(broken(database))


def test_a_shop_that_always_sends_as_much_that_is_bad_is_not_named(database, batch, report):
    batch(10_000, 300)
    report(DAY, {0: (300, 120)})
    report(DAY_BEFORE, {5: (1_000, 200)})
    assert broken(database) == {}


def test_a_share_that_stays_high_stays_broken_though_it_is_no_jump_any_more(database, batch, report):
    batch(10_000, 300)
    report(DAY, {0: (300, 120)})
    judge(database, CheckName.REJECTED, look_at_rejected(database, Settings(), NOW), NOW)
    report(DAY_BEFORE, {5: (3_000, 1_200)})
    assert "40.0 % in the day before" in str(broken(database))
    assert broken(database, replace(Settings(), promise_shop_rejected_share=0.5)) == {}


def test_a_shop_that_sends_nothing_any_more_mends(database, batch, report):
    batch(10_000, 300)
    report(DAY, {0: (300, 120)})
    for minutes, count in ((0, 1), (120, 0)):
        now = NOW + timedelta(minutes=minutes)
        verdict = judge(database, CheckName.REJECTED, look_at_rejected(database, Settings(), now), now)
        assert verdict.count == count, minutes


def test_a_damaged_report_says_nothing(database, batch, report):
    batch(10_000, 300)
    report(DAY, {0: (300, 120)})
    for hours in ("x", {"2026": 1}, {hour_key(NOW.replace(minute=0)): {"content": {"received": "many"}}}, None):
        database.reports.update_one({}, {"$set": {"hours": hours}})
        assert broken(database) == {}
