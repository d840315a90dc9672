"""Times: what clients write, and the event time that follows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from spark_jobs.frames import frame
from spark_jobs.rules.times import LAST_MS, is_too_old, millis_of, with_assigned, with_times
from tests.spark_jobs.samples import RECEIVED, evaluated


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


READ = [
    ("2026-11-24T14:32:47.900Z", "2026-11-24T14:32:47.900"),
    ("2026-11-24T14:32:47Z", "2026-11-24T14:32:47"),
    ("2026-11-24t14:32:47z", "2026-11-24T14:32:47"),
    ("2026-11-24T14:32:47.900999Z", "2026-11-24T14:32:47.900"),
    ("2026-11-24T14:32:47.900999999Z", "2026-11-24T14:32:47.900"),
    ("  2026-11-24T14:32:47Z\n", "2026-11-24T14:32:47"),
    ("2026-11-24T14:32Z", "2026-11-24T14:32:00"),
    # zones
    ("2026-11-24T14:32:47+01:00", "2026-11-24T13:32:47"),
    ("2026-11-24T14:32:47+0530", "2026-11-24T09:02:47"),
    ("2026-11-24T14:32:47-08", "2026-11-24T22:32:47"),
    ("2026-11-24 14:32:47 UTC", "2026-11-24T14:32:47"),
    ("2026-11-24T14:32:47GMT", "2026-11-24T14:32:47"),
    # without one: UTC
    ("2026-11-24T14:32:47.9", "2026-11-24T14:32:47.900"),
    ("2026-11-24T14:32:47,9", "2026-11-24T14:32:47.900"),
    ("2026-11-24 14:32:47", "2026-11-24T14:32:47"),
    ("2026-11-24T14:32", "2026-11-24T14:32:00"),
    ("2026-11-24", "2026-11-24T00:00:00"),
    # numbers: from 1e11 milliseconds, below seconds
    ("1764000000000", "2025-11-24T16:00:00"),
    ("1764000000000.9", "2025-11-24T16:00:00"),
    ("1.764E12", "2025-11-24T16:00:00"),
    ("1764000000", "2025-11-24T16:00:00"),
    ("1764000000.25", "2025-11-24T16:00:00.250"),
    ("100000000000", "1973-03-03T09:46:40"),
    ("99999999999", "5138-11-16T09:46:39"),
    ("0", "1970-01-01T00:00:00"),
    # no times
    ("yesterday", None),
    ("2026-13-01T00:00:00Z", None),
    ("2026-02-30", None),
    ("2026-11-24T25:00:00Z", None),
    ("2026-11-24T14:32:47+25:00", None),
    ("2026-11-24T14:32:47 Europe/Berlin", None),
    ("24.11.2026", None),
    ("T14:32:47", None),
    ("true", None),
    ("{}", None),
    ("NaN", None),
    ("-1", None),
    ("1e300", None),
    ("1e99999999", None),
    ("1969-12-31T23:59:59Z", None),
    ("9999-12-31T23:59:59Z", None),
    ("99999-01-01T00:00:00Z", None),
    ("", None),
    (None, None),
]


@pytest.fixture(scope="module")
def read(spark):
    time = F.timestamp_millis(millis_of(F.col("text")))
    return evaluated(spark, "text string", [(text,) for text, _ in READ], {"time": time})


@pytest.mark.parametrize("place", range(len(READ)), ids=[repr(text) for text, _ in READ])
def test_a_text_becomes_a_time_or_nothing(read, place):
    expected = READ[place][1]
    assert read[place]["time"] == (None if expected is None else utc(expected))


@seed(20261124)
@settings(max_examples=3, deadline=None)
@given(
    millis=st.lists(st.integers(0, LAST_MS), min_size=50, max_size=200),
    offset=st.integers(-14 * 60, 14 * 60),
    noise=st.lists(st.text(alphabet="0123456789-:+.,TZ eE", max_size=30), min_size=50, max_size=200),
)
def test_any_instant_in_any_zone_is_read_and_no_text_raises(spark, millis, offset, noise):
    hours, minutes = divmod(abs(offset), 60)
    zone = f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
    instants = [datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=value) for value in millis]
    local = [(instant + timedelta(minutes=offset)) for instant in instants if 1970 < instant.year < 9999]
    texts = [time.replace(tzinfo=None).isoformat(timespec="milliseconds") + zone for time in local]
    rows = [(text,) for text in [*texts, *noise]]
    found = evaluated(spark, "text string", rows, {"millis": millis_of(F.col("text"))})
    assert [row["millis"] for row in found[: len(texts)]] == [
        value for value, instant in zip(millis, instants, strict=True) if 1970 < instant.year < 9999
    ]


def after(**distance):
    return (RECEIVED + timedelta(**distance)).isoformat()


DECIDED = {
    # client time, sentAt -> event time from receipt, where it comes from
    "a right clock": ((after(seconds=-3), after(seconds=-1)), (timedelta(seconds=-3), "client")),
    "no sentAt": ((after(days=-3), None), (timedelta(days=-3), "client")),
    "sentAt 5 minutes behind": ((after(minutes=-6), after(minutes=-5)), (timedelta(minutes=-6), "client")),
    "sentAt 5 minutes ahead": ((after(minutes=1), after(minutes=5)), (timedelta(minutes=1), "client")),
    "sentAt more than 5 minutes behind": (
        (after(minutes=-6), after(minutes=-5, milliseconds=-1)),
        (timedelta(seconds=-60, milliseconds=1), "corrected"),
    ),
    "a clock an hour ahead": ((after(minutes=59), after(minutes=60)), (timedelta(minutes=-1), "corrected")),
    "a clock a year behind": ((after(days=-366), after(days=-365)), (timedelta(days=-1), "corrected")),
    "no client time": ((None, after(seconds=-1)), (timedelta(0), "received")),
    "nothing at all": ((None, None), (timedelta(0), "received")),
    "5 minutes ahead of us": ((after(minutes=5), None), (timedelta(minutes=5), "client")),
    "more than 5 minutes ahead": ((after(minutes=5, milliseconds=1), None), (timedelta(0), "capped")),
    "a wrong clock, and later than it was sent": (
        (after(hours=3), after(hours=2)),
        (timedelta(0), "capped"),
    ),
    "a wrong clock, 5 minutes later than it was sent": (
        (after(hours=2, minutes=5), after(hours=2)),
        (timedelta(minutes=5), "corrected"),
    ),
    "a time that cannot be read": (("soon", None), (timedelta(0), "received")),
    "a sentAt that cannot be read": ((after(hours=-2), "soon"), (timedelta(hours=-2), "client")),
    "corrected to before 1970": (("1970-01-02", "9000-01-01"), (timedelta(0), "received")),
}


@pytest.fixture(scope="module")
def decided(spark):
    rows = [(RECEIVED, client, sent) for (client, sent), _ in DECIDED.values()]
    sent = frame(spark, rows, "received_at timestamp, client_text string, sent_text string")
    old = {
        "page": is_too_old(F.lit(False), F.lit(None)),
        "server": is_too_old(F.lit(True), F.lit(None)),
        "brief": is_too_old(F.lit(True), F.lit(2)),
    }
    timed = with_times(sent).withColumns({f"is_old_{name}": column for name, column in old.items()})
    return dict(zip(DECIDED, timed.toArrow().to_pylist(), strict=True))


@pytest.mark.parametrize("name", DECIDED)
def test_event_time(decided, name):
    row, (distance, source) = decided[name], DECIDED[name][1]
    assert (row["event_time"], row["time_source"]) == (RECEIVED + distance, source)


def test_times_that_cannot_be_read_are_told_apart_from_none(decided):
    marks = {name: (row["has_bad_time"], row["has_bad_sent_at"]) for name, row in decided.items()}
    assert marks.pop("a time that cannot be read") == (True, False)
    assert marks.pop("a sentAt that cannot be read") == (False, True)
    assert set(marks.values()) == {(False, False)}


AGES = [
    # days, milliseconds beyond -> too old for: page key, server key; of a shop that keeps 2 days: page key, server key
    ((2, 0), (False, False, False, False)),
    ((2, 1), (False, False, True, True)),
    ((7, 0), (False, False, True, True)),
    ((7, 1), (True, False, True, True)),
    ((4000, 0), (True, False, True, True)),
    ((-1, 0), (False, False, False, False)),
]


def test_too_old(spark):
    rows = [(RECEIVED, after(days=-days, milliseconds=-beyond), None) for (days, beyond), _ in AGES]
    sent = frame(spark, rows, "received_at timestamp, client_text string, sent_text string")
    found = with_times(sent).select(
        is_too_old(F.lit(False), F.lit(None)).alias("page"),
        is_too_old(F.lit(True), F.lit(None)).alias("server"),
        is_too_old(F.lit(False), F.lit(2)).alias("brief_page"),
        is_too_old(F.lit(True), F.lit(2)).alias("brief_server"),
    )
    assert [tuple(row) for row in found.collect()] == [expected for _, expected in AGES]


def test_what_happened_before_1970_is_too_old_for_every_key(decided):
    row = decided["corrected to before 1970"]
    assert [row[f"is_old_{name}"] for name in ("page", "server", "brief")] == [True, True, True]


ARRIVAL = "merchant string, message_id string, client_time timestamp, event_time timestamp, time_source string, outcome string"
ASSIGNED = "merchant string, message_id string, client_time timestamp, assigned_time timestamp"


def test_copies_take_over_the_time_that_was_decided(spark):
    client, other, late = RECEIVED - timedelta(hours=5), RECEIVED - timedelta(hours=4), RECEIVED + timedelta(hours=1)
    rows = {
        "its copy": ("amber", "m", client, late, "corrected", "accepted"),
        "decided by itself": ("amber", "m", client, RECEIVED, "corrected", "accepted"),
        "a copy with a right clock": ("amber", "m", client, client, "client", "accepted"),
        "another client time": ("amber", "m", other, late, "corrected", "accepted"),
        "no client time": ("amber", "n", None, late, "received", "accepted"),
        "another shop": ("open", "m", client, late, "corrected", "accepted"),
        "rejected": ("amber", "m", client, late, "corrected", "rejected"),
    }
    assigned = frame(spark, [("amber", "m", client, RECEIVED), ("amber", "n", None, RECEIVED)], ASSIGNED)
    arrived = frame(spark, rows.values(), ARRIVAL)
    answer = with_assigned(arrived, assigned)
    assert answer.columns == arrived.columns
    found = dict(zip(rows, [(row.event_time, row.time_source) for row in answer.collect()], strict=True))
    naive = {name: (time.astimezone(UTC), source) for name, (time, source) in found.items()}
    assert naive == {
        "its copy": (RECEIVED, "assigned"),
        "decided by itself": (RECEIVED, "corrected"),
        "a copy with a right clock": (RECEIVED, "assigned"),
        "another client time": (late, "corrected"),
        "no client time": (RECEIVED, "assigned"),
        "another shop": (late, "corrected"),
        "rejected": (late, "corrected"),
    }
