"""What is older than an erasure goes from the archive's copy, and its new list names no batch as final that is not in it."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import DagId
from contracts.settings import Settings
from spark_jobs.archive import Snapshot
from spark_jobs.attempts import Attempt
from spark_jobs.forget_people import clearing

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)


@pytest.fixture
def listed(database, tmp_path, monkeypatch):
    """The borders of every list that was made; a batch ends while the archive is asked for its snapshot."""
    database.counters.insert_one({"_id": "batches", "value": 7})
    database.batches.insert_one({"_id": 7, "dag": DagId.PROCESS_EVENTS, "state": "planned"})
    found = []

    def snapshot_of_before(_):
        database.batches.update_one({"_id": 7}, {"$set": {"state": "committed"}})
        return Snapshot(1, 1)

    monkeypatch.setattr(clearing, "current_snapshot", snapshot_of_before)
    monkeypatch.setattr(clearing, "copy_archive", lambda *arguments: found.append(arguments[4]))
    attempt = Attempt(None, database, Settings(archive_copy=str(tmp_path)), None)
    assert clearing._clear_copy(attempt, NOW - timedelta(hours=1), NOW)
    return found


def test_a_batch_that_ends_meanwhile_is_not_named_as_final(listed):
    assert listed == [[7, 8]]
