"""Times that are not the client's are decided once, and every copy takes them over."""

from datetime import timedelta

import pytest

from contracts.names import Collection
from spark_jobs.archive import current_snapshot, write_batch
from spark_jobs.assigned_times import resolve
from tests.spark_jobs.samples import TIME, archive_rows, archived

HOUR = timedelta(hours=1)


def wrong_clock(name, **overrides):
    """A message whose client clock is three hours behind."""
    return archived(name, **({"client_time": TIME - 3 * HOUR, "time_source": "corrected"} | overrides))


def resolved(spark, database, *rows, batch=1):
    """{message id: assigned time} of a batch with these rows."""
    frame = resolve(spark, database, archive_rows(spark, rows), batch, current_snapshot(spark))
    return None if frame is None else {row["message_id"]: row["assigned_time"] for row in frame.toArrow().to_pylist()}


def kept(database):
    return list(database[Collection.ASSIGNED_TIMES].find().sort("_id"))


def archive_some(spark, *rows):
    write_batch(archive_rows(spark, rows), rows[0]["batch"], len(rows), is_first_attempt=True)


def test_right_clocks_need_no_decision(archive, database):
    assert resolved(archive, database, archived("a"), archived("b")) is None
    assert kept(database) == []


def test_the_first_arrival_of_a_batch_decides(archive, database):
    copies = [
        wrong_clock("a", envelope_id="e/2", received_at=TIME + HOUR, event_time=TIME + HOUR),
        wrong_clock("a", envelope_id="e/1", received_at=TIME, event_time=TIME - HOUR),
    ]
    assert resolved(archive, database, *copies) == {"m/a": TIME - HOUR}
    [entry] = kept(database)
    assert (entry["merchant"], entry["message_id"], entry["event_time"]) == ("amber", "m/a", TIME - HOUR)
    assert entry["client_hour"] == (TIME - 3 * HOUR).replace(minute=0, second=0, microsecond=0)


def test_the_first_batch_decides_for_all_later_ones(archive, database):
    resolved(archive, database, wrong_clock("a"))
    earlier = wrong_clock("a", envelope_id="e/0", received_at=TIME - HOUR, event_time=TIME - 2 * HOUR)
    assert resolved(archive, database, earlier, batch=2) == {"m/a": TIME}
    assert [entry["event_time"] for entry in kept(database)] == [TIME]


def test_a_second_attempt_finds_the_same(archive, database):
    first = resolved(archive, database, wrong_clock("a"))
    before = kept(database)
    assert resolved(archive, database, wrong_clock("a")) == first == {"m/a": TIME}
    assert kept(database) == before


def test_a_copy_with_a_right_clock_takes_over_what_was_decided(archive, database):
    resolved(archive, database, wrong_clock("a"))
    right = archived("a", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR)
    assert resolved(archive, database, right, batch=2) == {"m/a": TIME}


@pytest.mark.parametrize("where", ["in the batch", "in the archive"])
def test_a_copy_with_a_right_clock_decides_if_it_was_there_first(archive, database, where):
    right = archived("a", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR)
    if where == "in the archive":
        archive_some(archive, right)
        found = resolved(archive, database, wrong_clock("a"), batch=2)
    else:
        found = resolved(archive, database, wrong_clock("a"), right)
    assert found == {"m/a": TIME - 3 * HOUR}
    assert kept(database) == []


def test_rows_of_the_batchs_own_earlier_attempt_decide_nothing(archive, database):
    archive_some(archive, archived("a", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR))
    assert resolved(archive, database, wrong_clock("a"), batch=1) == {"m/a": TIME}


def test_rejected_rows_and_other_events_decide_nothing(archive, database):
    archive_some(
        archive,
        archived("a", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR, outcome="rejected"),
        archived("a", client_time=TIME - 2 * HOUR, event_time=TIME - 2 * HOUR),
        archived("b", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR),
        archived("a", client_time=TIME - 3 * HOUR, event_time=TIME - 3 * HOUR, merchant="open"),
    )
    assert resolved(archive, database, wrong_clock("a"), batch=2) == {"m/a": TIME}
    assert resolved(archive, database, wrong_clock("c", outcome="rejected"), batch=2) is None


def test_without_a_client_time_the_first_receipt_decides(archive, database):
    timeless = {"client_time": None, "time_source": "received"}
    resolved(archive, database, archived("a", **timeless))
    later = archived("a", **timeless, event_time=TIME + 2 * HOUR, received_at=TIME + 2 * HOUR)
    assert resolved(archive, database, later, batch=2) == {"m/a": TIME}
    [entry] = kept(database)
    assert entry["client_time"] is entry["client_hour"] is None
