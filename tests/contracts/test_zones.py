"""Local hours and days: of any length, keyed by the instant at which they start."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.zones import (
    UnknownZone,
    day_bounds,
    day_start,
    hour_key,
    hour_of_key,
    hour_start,
    hours_of_day,
    local_date,
    transitions,
    zone,
)
from tests.oracle.clock import local_hour

ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "America/Asuncion",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Pacific/Chatham",
)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LENGTHS = [
    ("Europe/Berlin", date(2026, 11, 24), 24, 24, "23:00"),
    ("Europe/Berlin", date(2026, 3, 29), 23, 23, "23:00"),
    ("Europe/Berlin", date(2026, 10, 25), 25, 25, "22:00"),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5, 25, "13:00"),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5, 24, "13:30"),
    ("Asia/Kolkata", date(2026, 11, 24), 24, 24, "18:30"),
    ("Asia/Kathmandu", date(2026, 11, 24), 24, 24, "18:15"),
    # days that begin at 01:00
    ("Asia/Beirut", date(2026, 3, 29), 23, 23, "22:00"),
    ("America/Asuncion", date(2023, 10, 1), 23, 23, "04:00"),
]


@pytest.mark.parametrize(("name", "day", "length", "count", "start"), LENGTHS)
def test_days(name, day, length, count, start):
    first, following = day_bounds(name, day)
    assert (following - first) / timedelta(hours=1) == length
    assert f"{first:%H:%M}" == start
    assert len(hours_of_day(name, day)) == count
    assert local_date(name, first) == day and local_date(name, first - timedelta(seconds=1)) < day


def test_a_day_may_begin_at_one_oclock():
    assert day_start("Asia/Beirut", date(2026, 3, 29)).astimezone(zone("Asia/Beirut")).hour == 1


def test_a_day_that_does_not_exist_begins_with_the_next():
    # Samoa left out 30 December 2011
    assert day_start("Pacific/Apia", date(2011, 12, 30)) == day_start("Pacific/Apia", date(2011, 12, 31))
    assert hours_of_day("Pacific/Apia", date(2011, 12, 30)) == []


KEYS = [
    ("Asia/Kolkata", "2026-11-20T12:10", "2026-11-20T11:30Z"),
    ("Asia/Kathmandu", "2026-11-20T12:10", "2026-11-20T11:15Z"),
    ("Europe/Berlin", "2026-10-25T00:59:59", "2026-10-25T00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00", "2026-10-25T01:00Z"),
    ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T14:59", "2026-04-04T14:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:29", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:30", "2026-04-04T15:30Z"),
]


@pytest.mark.parametrize(("name", "instant", "key"), KEYS)
def test_hours_are_keyed_by_their_start(name, instant, key):
    assert hour_key(hour_start(name, utc(instant))) == key
    assert hour_key(hour_of_key(key)) == key


def test_keys_of_hours_that_start_within_a_minute():
    start = utc("1971-12-31T23:44:30")
    assert hour_key(start) == "1971-12-31T23:44:30Z" and hour_of_key(hour_key(start)) == start


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(1971, 1, 1), date(2059, 12, 30)))
def test_the_hours_of_a_day_fill_it_without_a_gap(name, day):
    hours = hours_of_day(name, day)
    start, end = day_bounds(name, day)
    assert hours[0] == start
    for one, following in pairwise([*hours, end]):
        assert timedelta(0) < following - one <= timedelta(hours=1)
        for instant in (one, following - timedelta(microseconds=1)):
            assert hour_start(name, instant) == one
            assert local_date(name, instant) == day


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.integers(946_684_800_000, 2_840_000_000_000))
def test_hours_equal_the_oracles_that_walks_the_clock(name, millis):
    instant = datetime.fromtimestamp(millis / 1000, UTC)
    assert hour_key(hour_start(name, instant)) == local_hour(instant, name)


@pytest.mark.parametrize("name", ZONES)
def test_offsets_are_those_of_the_zone(name):
    table = transitions(name)
    assert table[0][0] == 0 and list(table) == sorted(table)
    for since, offset in table[:40]:
        instant = datetime.fromtimestamp(since, UTC)
        assert instant.astimezone(zone(name)).utcoffset() == timedelta(seconds=offset)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_unknown_zones_are_named(name):
    with pytest.raises(UnknownZone, match="IANA"):
        zone(name)
