"""Outcomes: rejected, duplicate, bot, accepted; one an arrival, and of copies the one received first."""

import random
from datetime import timedelta

import pytest

from spark_jobs.frames import frame
from spark_jobs.rules.copies import with_outcomes
from tests.spark_jobs.samples import RECEIVED, TIME

SCHEMA = (
    "name string, edition string, scope string, batch bigint, partition int, offset bigint, envelope_id string, "
    "message_id string, client_time timestamp, event_time timestamp, received_at timestamp, outcome string, is_bot boolean"
)
COLUMNS = [column.split()[0] for column in SCHEMA.split(", ")]


def row(name, **overrides):
    base = {
        "name": name,
        "edition": "amber",
        "scope": "2026-11-24T14:00Z",
        "batch": 1,
        "partition": 0,
        "offset": 1,
        "envelope_id": f"e/{name}",
        "message_id": f"m/{name}",
        "client_time": TIME,
        "event_time": TIME,
        "received_at": RECEIVED,
        "outcome": "accepted",
        "is_bot": False,
    }
    return base | overrides


def later(**distance):
    return RECEIVED + timedelta(**distance)


ROWS = [
    (row("alone"), "accepted"),
    (row("a bot alone", is_bot=True), "bot"),
    (row("rejected alone", outcome="rejected"), "rejected"),
    (row("rejected before bot", outcome="rejected", is_bot=True), "rejected"),
    # copies: the one received first counts, then the smaller envelope id
    (row("first of two", message_id="two"), "accepted"),
    (row("second of two", message_id="two", received_at=later(seconds=1)), "duplicate"),
    (row("b of a tie", message_id="tie"), "duplicate"),
    (row("a of a tie", message_id="tie"), "accepted"),
    (row("received first, processed last", message_id="late", batch=9), "accepted"),
    (row("processed first", message_id="late", received_at=later(milliseconds=1)), "duplicate"),
    (row("copies without client time 1", message_id="timeless", client_time=None), "accepted"),
    (
        row("copies without client time 2", message_id="timeless", client_time=None, received_at=later(days=1)),
        "duplicate",
    ),
    # a copy is a duplicate before it is a bot
    (row("a bot's original", message_id="bots", is_bot=True), "bot"),
    (row("a bot's copy", message_id="bots", is_bot=True, received_at=later(seconds=1)), "duplicate"),
    # a rejected arrival is nobody's original and nobody's copy
    (row("rejected, then mended", message_id="mended", outcome="rejected"), "rejected"),
    (row("mended", message_id="mended", received_at=later(seconds=1)), "accepted"),
    (row("rejected once", message_id="bad", outcome="rejected"), "rejected"),
    (row("rejected twice", message_id="bad", outcome="rejected", received_at=later(seconds=1)), "rejected"),
    # another client time, another shop: another event
    (row("an id", message_id="reused"), "accepted"),
    (
        row(
            "reused at another time",
            message_id="reused",
            client_time=TIME + timedelta(seconds=1),
            event_time=TIME + timedelta(seconds=1),
        ),
        "accepted",
    ),
    (row("reused elsewhere", message_id="reused", edition="open"), "accepted"),
    # rows of one arrival are one, whatever was found about them
    (row("written first", envelope_id="same", message_id="same", batch=1), "accepted"),
    (row("written again", envelope_id="same", message_id="same", batch=2), None),
    (row("rejected and written first", envelope_id="both", message_id="both", outcome="rejected"), "rejected"),
    (row("then accepted", envelope_id="both", message_id="both", batch=2), None),
    (row("no id, rejected", envelope_id="bytes", message_id=None, outcome="rejected"), "rejected"),
    (row("no id, rejected, again", envelope_id="bytes", message_id=None, outcome="rejected", offset=2), None),
    (row("no id, another", envelope_id="other bytes", message_id=None, outcome="rejected"), "rejected"),
    (row("same envelope id of another shop", envelope_id="same", message_id="same", edition="open"), "accepted"),
]


def outcomes(spark, rows):
    arrived = frame(spark, [[each[column] for column in COLUMNS] for each in rows], SCHEMA)
    found = with_outcomes(arrived).select("name", "outcome", "is_id_reused").toArrow().to_pylist()
    assert len({each["name"] for each in found}) == len(found)
    return {each["name"]: each for each in found}


@pytest.fixture(scope="module")
def found(spark):
    return outcomes(spark, [each for each, _ in ROWS])


@pytest.mark.parametrize("place", range(len(ROWS)), ids=[each["name"] for each, _ in ROWS])
def test_every_arrival_has_one_outcome(found, place):
    each, expected = ROWS[place]
    assert found.get(each["name"], {}).get("outcome") == expected


def test_a_later_event_with_a_used_id_is_flagged(found):
    assert [name for name, each in found.items() if each["is_id_reused"]] == ["reused at another time"]


def test_the_order_of_rows_changes_nothing(spark, found):
    rows = [each for each, _ in ROWS]
    random.Random(20261124).shuffle(rows)
    assert outcomes(spark, rows) == found
