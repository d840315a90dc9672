"""The message that no job can bear: its ids and times are those that the rules would have given it."""

import base64
import json
from datetime import UTC, datetime

import pytest

from contracts.archive import COLUMNS
from contracts.set_aside import Record
from spark_jobs.refused_message import refused_row
from tests.spark_jobs.samples import RECEIVED, arrivals, envelope

KAFKA_MS = 1_795_000_000_123
KAFKA_TIME = datetime.fromtimestamp(KAFKA_MS / 1000, UTC)


def refused(value):
    return refused_row(Record(3, 0, KAFKA_MS, value), 7, "topic-1")


CASES = {
    "whole": envelope(),
    "repaired": envelope(envelope_id="e-1/r2"),
    "surrogate": json.dumps(json.loads(envelope()) | {"message": "\ud800"}).encode(),
    "raw": envelope(
        "x", message=None, source={"door": "v1/batch", "adapter": 1, "raw": base64.b64encode(b"\xff").decode()}
    ),
    "other version": envelope(v=2),
    "no id": envelope(envelope_id=" "),
    "no time": envelope(received_at="yesterday"),
    "strange": b"\xff\x00",
    "list": b"[]",
    "deep": b"[" * 100_000,
    "empty": b"",
    "null": None,
}


def test_ids_places_and_bytes_are_those_of_the_rules(spark):
    same = ("envelope_id", "merchant", "is_returned", "partition", "offset")
    by_rules = dict(zip(CASES, arrivals(spark, CASES.values()), strict=True))
    for name, value in CASES.items():
        row, rule = refused(value), by_rules[name]
        row["offset"] = row["offset"] or rule["offset"]
        if rule["merchant"] == "":
            row["envelope_id"] = row["envelope_id"].replace("/0", f"/{rule['offset']}")
        assert {key: row[key] for key in same} == {key: rule[key] for key in same}, name
        if name != "surrogate":
            assert row["original"] == rule["original"], name


@pytest.mark.parametrize("value", CASES.values(), ids=CASES)
def test_it_is_a_row_of_the_archive(value):
    row = refused(value)
    assert list(row) == [name for name, _ in COLUMNS]
    assert (row["outcome"], row["code"], row["batch"]) == ("rejected", "batch_failed", 7)
    assert row["envelope"] == (value or b"")


def test_it_counts_in_the_hour_in_which_it_was_received():
    assert refused(CASES["whole"])["event_time"] == RECEIVED
    assert refused(b"strange")["event_time"] == refused(b"strange")["received_at"] == KAFKA_TIME
