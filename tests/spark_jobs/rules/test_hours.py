"""Local hours and dates in Spark are those of `contracts.zones`, for every instant of every kind of zone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from contracts import zones
from spark_jobs.rules import hours
from tests.spark_jobs.samples import evaluated

ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "America/Asuncion",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Africa/Monrovia",
    "America/Sao_Paulo",
)
SCHEMA = "instant timestamp, transitions array<struct<since: bigint, offset: int>>"
COLUMNS = {
    "hour": hours.hour_start,
    "date": hours.local_date,
    "hour_key": hours.hour_key,
    "day_key": hours.day_key,
}
SECONDS = st.integers(0, int(datetime(2060, 1, 1, tzinfo=UTC).timestamp()) - 1)


def in_spark(spark, cases):
    tables = {
        zone: [{"since": since, "offset": offset} for since, offset in zones.transitions(zone)] for zone, _ in cases
    }
    rows = [(instant, tables[zone]) for zone, instant in cases]
    columns = {name: rule(F.col("instant"), F.col("transitions")) for name, rule in COLUMNS.items()}
    return evaluated(spark, SCHEMA, rows, columns)


def in_python(cases):
    return [
        {
            "hour": (start := zones.hour_start(zone, instant)),
            "date": (day := zones.local_date(zone, instant)),
            "hour_key": zones.hour_key(start),
            "day_key": day.isoformat(),
        }
        for zone, instant in cases
    ]


def instant(seconds, microseconds=0):
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)


def test_around_every_change_of_offset(spark):
    changes = [(zone, since) for zone in ZONES for since, _ in zones.transitions(zone) if 0 < since < 2_200_000_000]
    near = (-3601, -1800, -1, 0, 1, 899, 1800, 3599, 3600, 5400)
    cases = [(zone, instant(since + step)) for zone, since in changes[::7] for step in near]
    cases += [
        ("Europe/Berlin", instant(since + step))
        for since, _ in zones.transitions("Europe/Berlin")[-8:]
        for step in near
    ]
    assert in_spark(spark, cases) == in_python(cases)


@seed(20261124)
@settings(max_examples=3, deadline=None)
@given(
    cases=st.lists(
        st.tuples(st.sampled_from(ZONES), st.builds(instant, SECONDS, st.integers(0, 999_999))), min_size=100
    )
)
def test_at_any_instant(spark, cases):
    assert in_spark(spark, cases) == in_python(cases)


def test_known_hours(spark):
    cases = [
        ("Asia/Kolkata", datetime(2026, 11, 20, 12, 10, tzinfo=UTC), "2026-11-20T11:30Z", "2026-11-20"),
        ("Asia/Kolkata", datetime(2026, 11, 20, 18, 30, tzinfo=UTC), "2026-11-20T18:30Z", "2026-11-21"),
        ("Asia/Kathmandu", datetime(2026, 11, 20, 12, 10, tzinfo=UTC), "2026-11-20T11:15Z", "2026-11-20"),
        # Berlin's 02:00 comes twice on 25 October, and is left out on 29 March
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T00:00Z", "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T01:00Z", "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T01:00Z", "2026-03-29"),
        # Lord Howe moves by half an hour
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 59, tzinfo=UTC), "2026-04-04T14:00Z", "2026-04-05"),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 10, tzinfo=UTC), "2026-04-04T15:00Z", "2026-04-05"),
    ]
    found = in_spark(spark, [(zone, time) for zone, time, _, _ in cases])
    assert [(row["hour_key"], row["day_key"]) for row in found] == [(hour, day) for _, _, hour, day in cases]


def test_the_search_reaches_the_last_change_of_the_zones_with_most(spark):
    most = ("Asia/Gaza", "Asia/Hebron", "Africa/Casablanca", "Africa/El_Aaiun")
    assert max(len(zones.transitions(zone)) for zone in most) in range(129, 513)
    cases = [(zone, datetime(year, 12, 31, 22, 30, tzinfo=UTC)) for zone in most for year in (1970, 2030, 2059)]
    assert in_spark(spark, cases) == in_python(cases)
