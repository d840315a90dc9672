"""The archive: a batch's rows are replaced as a whole, and a snapshot stays what it was."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F

from contracts.archive import COLUMNS, TABLE
from spark_jobs.archive import MAX_RANGES, current_snapshot, merged_ranges, read_at, within, write_batch
from tests.spark_jobs.samples import TIME, archive_rows, archived

HOUR = timedelta(hours=1)


def write(spark, batch, *names, is_first_attempt=True, **overrides):
    rows = [archived(name, batch=batch, **overrides) for name in names]
    write_batch(archive_rows(spark, rows), batch, len(rows), is_first_attempt)
    return current_snapshot(spark)


def names_at(spark, snapshot):
    found = read_at(spark, snapshot).select("batch", "envelope_id").toArrow().to_pylist()
    return sorted((row["batch"], row["envelope_id"].removeprefix("e/")) for row in found)


def test_an_empty_archive_has_no_snapshot(archive):
    assert current_snapshot(archive) is None


def test_a_second_attempt_replaces_its_batch_and_no_other(archive):
    write(archive, 1, "a", "b")
    before = write(archive, 2, "c", event_time=TIME + HOUR)
    after = write(archive, 1, "b", "d", is_first_attempt=False)
    assert names_at(archive, after) == [(1, "b"), (1, "d"), (2, "c")]
    assert names_at(archive, before) == [(1, "a"), (1, "b"), (2, "c")]
    assert after.sequence > before.sequence


def test_a_second_attempt_after_one_that_wrote_nothing(archive):
    write(archive, 1, "a")
    assert names_at(archive, write(archive, 2, "b", is_first_attempt=False)) == [(1, "a"), (2, "b")]


def test_a_second_attempt_that_touches_fewer_hours(archive):
    rows = [archived(str(hour), batch=1, event_time=TIME + hour * HOUR) for hour in range(3)]
    write_batch(archive_rows(archive, rows), 1, 3, is_first_attempt=True)
    assert names_at(archive, write(archive, 1, "0", is_first_attempt=False)) == [(1, "0")]


def test_rows_come_back_as_they_were_written(archive):
    line = {"product": "tea", "price": 1250, "quantity_milli": 1000, "amount": 1250}
    order = {"order_id": "1", "currency": "EUR", "has_amounts": True, "revenue": 1250, "lines": [line]}
    row = archived("a", order=order, flags=["no_currency"], original=b"\x00\xff", envelope=b"{}", kafka_time=TIME)
    write_batch(archive_rows(archive, [row]), 1, 1, is_first_attempt=True)
    [found] = read_at(archive, current_snapshot(archive)).toArrow().to_pylist()
    assert list(found) == [name for name, _ in COLUMNS]
    [found_line] = found["order"].pop("lines")
    assert found_line.items() >= line.items()
    assert found["order"].items() >= {"order_id": "1", "currency": "EUR", "revenue": 1250, "total": None}.items()
    assert (found["original"], found["envelope"], found["flags"]) == (b"\x00\xff", b"{}", ["no_currency"])
    assert found["event_time"] == found["kafka_time"] == TIME


def test_hours_are_partitions(archive):
    write(archive, 1, "a")
    write(archive, 2, "b", event_time=TIME + 5 * HOUR)
    files = archive.sql(f"SELECT partition.event_time_hour AS hour FROM {TABLE}.files").toArrow().to_pylist()
    start = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [(TIME - start) // HOUR, (TIME + 5 * HOUR - start) // HOUR]
    assert sorted(row["hour"] for row in files) == expected


def hours(*starts):
    return [(TIME + start * HOUR, TIME + (start + 1) * HOUR) for start in starts]


def test_ranges_that_touch_are_one():
    assert merged_ranges(hours(2, 0, 1, 5)) == [(TIME, TIME + 3 * HOUR), (TIME + 5 * HOUR, TIME + 6 * HOUR)]
    assert merged_ranges([(TIME, TIME + 4 * HOUR), *hours(1)]) == [(TIME, TIME + 4 * HOUR)]
    assert merged_ranges([]) == []


def test_of_many_ranges_the_smallest_gaps_are_closed():
    apart = hours(*range(0, 2 * 300, 2), 5000)
    merged = merged_ranges(apart)
    assert len(merged) <= MAX_RANGES
    assert merged[-1] == apart[-1]
    assert all(any(start <= one and other <= end for start, end in merged) for one, other in apart)


def test_within_is_from_a_start_to_before_an_end(archive):
    times = [TIME - timedelta(milliseconds=1), TIME, TIME + HOUR - timedelta(milliseconds=1), TIME + HOUR]
    rows = archive_rows(archive, [archived(str(place), event_time=time) for place, time in enumerate(times)])
    found = rows.where(within("event_time", hours(0))).select("envelope_id").toArrow().to_pylist()
    assert sorted(row["envelope_id"] for row in found) == ["e/1", "e/2"]
    assert rows.where(within("event_time", [])).select(F.lit(1)).isEmpty()


@pytest.mark.long
def test_a_batch_of_a_thousand_hours_fits_into_memory(archive):
    rows = archive_rows(archive, [archived(str(hour), batch=1, event_time=TIME + hour * HOUR) for hour in range(1_000)])
    write_batch(rows, 1, 1_000, is_first_attempt=True)
    assert archive.table(TABLE).count() == 1_000
