"""The archived rows of some scopes: those of the snapshot, of their shop, of their local hour or day."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import DueGroup
from spark_jobs.archive import current_snapshot, write_batch
from spark_jobs.due_scopes import Scope
from spark_jobs.reports.scopes import scope_rows
from tests.spark_jobs.samples import archive_rows, archived, shop

SHOPS = {
    "amber": shop(),
    "open": shop("open", time_zone="Asia/Kolkata", currency="INR"),
    "howe": shop("howe", time_zone="Australia/Lord_Howe", currency="AUD"),
}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def placed(name, time, **overrides):
    return archived(name, **({"event_time": utc(time), "client_time": utc(time)} | overrides))


ROWS = [
    placed("13:59", "2026-11-24T13:59:59.999"),
    placed("14:00", "2026-11-24T14:00:00"),
    placed("14:59", "2026-11-24T14:59:59.999"),
    placed("15:00", "2026-11-24T15:00:00"),
    placed("open 14:00", "2026-11-24T14:00:00", merchant="open"),
    placed("open 14:29", "2026-11-24T14:29:59", merchant="open"),
    placed("open 14:30", "2026-11-24T14:30:00", merchant="open"),
    placed("the day's first", "2026-10-24T22:00:00"),
    placed("the day's last", "2026-10-25T22:59:59"),
    placed("the next day", "2026-10-25T23:00:00"),
    placed("howe before", "2026-04-04T14:59:59", merchant="howe"),
    placed("howe after", "2026-04-04T15:00:00", merchant="howe"),
    placed("nobody", "2026-11-24T14:00:00", merchant="nobody"),
]


@pytest.fixture
def snapshot(archive):
    write_batch(archive_rows(archive, ROWS), 1, len(ROWS), is_first_attempt=True)
    return current_snapshot(archive)


def rows_of(spark, snapshot, group, *keys):
    scopes = [Scope(merchant, group, key) for merchant, key in keys]
    found = scope_rows(spark, snapshot, scopes, SHOPS).select("envelope_id", "scope", "outcome").toArrow().to_pylist()
    by_scope = {}
    for row in found:
        by_scope.setdefault(row["scope"], []).append(row["envelope_id"].removeprefix("e/"))
    return {scope: sorted(names) for scope, names in by_scope.items()}


def test_hours(archive, snapshot):
    hours = [("amber", "2026-11-24T14:00Z"), ("open", "2026-11-24T13:30Z"), ("howe", "2026-04-04T15:00Z")]
    assert rows_of(archive, snapshot, DueGroup.HOUR, *hours) == {
        "2026-11-24T14:00Z": ["14:00", "14:59"],
        "2026-11-24T13:30Z": ["open 14:00", "open 14:29"],
        "2026-04-04T15:00Z": ["howe after"],
    }


def test_a_day_of_25_hours(archive, snapshot):
    assert rows_of(archive, snapshot, DueGroup.DAY, ("amber", "2026-10-25")) == {
        "2026-10-25": ["the day's first", "the day's last"]
    }


def test_an_hour_without_rows(archive, snapshot):
    assert rows_of(archive, snapshot, DueGroup.HOUR, ("open", "2026-11-24T10:30Z")) == {}


def test_copies_in_another_batch_are_told(archive, snapshot):
    copy = placed("14:00", "2026-11-24T14:00:00", batch=2, envelope_id="e/copy", received_at=utc("2026-11-24T20:00:00"))
    write_batch(archive_rows(archive, [copy]), 2, 1, is_first_attempt=True)
    hour = [Scope("amber", DueGroup.HOUR, "2026-11-24T14:00Z")]
    later = scope_rows(archive, current_snapshot(archive), hour, SHOPS).toArrow().to_pylist()
    assert {row["envelope_id"]: row["outcome"] for row in later} == {
        "e/14:00": "accepted",
        "e/14:59": "accepted",
        "e/copy": "duplicate",
    }
    before = scope_rows(archive, snapshot, hour, SHOPS).select("outcome").toArrow().to_pylist()
    assert [row["outcome"] for row in before] == ["accepted", "accepted"]


def test_many_hours_at_once_are_still_exact(archive, snapshot):
    start = utc("2026-11-01T00:00:00")
    keys = [("amber", f"{start + timedelta(hours=hour):%Y-%m-%dT%H:00Z}") for hour in range(0, 30 * 24, 2)]
    assert rows_of(archive, snapshot, DueGroup.HOUR, *keys) == {"2026-11-24T14:00Z": ["14:00", "14:59"]}
