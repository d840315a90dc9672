"""Whether the archive needs upkeep, told by the ledger alone."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import BatchState, DagId
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.maintaining import is_night_due, plan_maintenance, waiting_files

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def rounds(database):
    return Ledger(database, DagId.MAINTAIN_ARCHIVE, lease_seconds=60)


@pytest.fixture
def batch(database):
    ledger = Ledger(database, DagId.PROCESS_EVENTS, lease_seconds=60)

    def do(at=NOON, hours=1, state=BatchState.ANNOUNCED, **content):
        touched = [NOON + number * HOUR for number in range(hours)]
        key = ledger.plan("run", at, hours=touched, **content)["_id"]
        database.batches.update_one({"_id": key}, {"$set": {"state": state}})
        return key

    return do


def plan(rounds, database, now=NOON, run="run-1"):
    return plan_maintenance(rounds, database, run, 3, lambda: now)


def test_an_empty_platform_has_nothing_to_do(rounds, database):
    with pytest.raises(NothingToDo, match="0 files of committed batches wait"):
        plan(rounds, database)


def test_files_of_committed_batches_that_were_never_compacted_are_counted(rounds, database, batch):
    batch(hours=2)
    batch(hours=9, state=BatchState.REPORTED)
    batch(hours=9, compacted_at=NOON)
    assert waiting_files(database) == 2
    with pytest.raises(NothingToDo, match="2 files"):
        plan(rounds, database)
    batch(hours=2, state=BatchState.COMMITTED)
    entry = plan(rounds, database)
    assert (entry["_id"].startswith("archive-"), entry["is_long"]) == (True, False)


def test_the_long_part_comes_once_a_night_and_is_made_up_for(rounds, database, batch):
    batch(at=NOON)
    assert not is_night_due(database, NOON), "nothing was there at three"
    night = NOON.replace(hour=3) + timedelta(days=1)
    assert not is_night_due(database, night - timedelta(seconds=1))
    assert plan(rounds, database, night + 5 * HOUR)["is_long"]
    assert not is_night_due(database, night + 20 * HOUR)
    assert is_night_due(database, night + 24 * HOUR)


def test_a_round_that_was_not_verified_is_taken_over(rounds, database, batch):
    batch(hours=9)
    key = plan(rounds, database)["_id"]
    rounds.report(key, NOON)
    rounds.release("run-1", NOON, is_failed=True)
    assert plan(rounds, database, NOON + HOUR, "run-2")["_id"] == key
    rounds.commit(key, NOON)
    with pytest.raises(NothingToDo, match="files of committed"):
        database.batches.update_many({}, {"$set": {"compacted_at": NOON}})
        plan(rounds, database, NOON + 2 * HOUR, "run-3")
