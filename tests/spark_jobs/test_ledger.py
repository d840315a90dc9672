"""The job's side of the ledger: the newest attempt holds the batch, and an older one stops."""

from datetime import UTC, datetime

import pytest

from contracts.ledger import FINAL
from contracts.names import BatchState, Collection
from spark_jobs.archive import Snapshot
from spark_jobs.failures import PermanentError, StaleAttempt
from spark_jobs.ledger import take

HOURS = [datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (10, 11, 12)]
TOUCHED = [{"merchant": "amber", "reports": ["amber/1/traffic/2026-11-24"]}]


@pytest.fixture
def batches(database):
    database[Collection.BATCHES].insert_one({"_id": 1, "state": BatchState.PLANNED, "attempt": 0})
    return database[Collection.BATCHES]


def test_every_attempt_has_its_number(database, batches):
    assert [take(database, 1, run).attempt for run in ("first", "second")] == [1, 2]
    assert batches.find_one()["attempt"] == 2


def test_a_batch_that_was_never_planned(database):
    with pytest.raises(PermanentError, match="no batch 7"):
        take(database, 7, "run")


def test_a_batch_goes_from_planned_to_archived_to_reported(database, batches):
    entry = take(database, 1, "run")
    entry.note_archived(Snapshot(123456789012345678, 9), HOURS[:1], {"messages": 3, "rejected": 1})
    found = batches.find_one()
    assert found["state"] == BatchState.ARCHIVED
    assert found["archived"] == {"sequence": 9, "snapshot": "123456789012345678"}
    assert found["counts"] == {"messages": 3, "rejected": 1}
    entry.note_reported(TOUCHED, 1.26)
    found = batches.find_one()
    assert (found["state"], found["touched"], found["seconds"]) == (BatchState.REPORTED, TOUCHED, 1.3)


def test_an_attempt_notes_that_it_began(database, batches):
    take(database, 1, "first")
    take(database, 1, "second").note_begun()
    assert (batches.find_one()["begun"], batches.find_one()["state"]) == (2, BatchState.PLANNED)


def test_the_hours_of_all_attempts_are_kept(database, batches):
    take(database, 1, "first").note_archived(Snapshot(1, 1), HOURS[:2], {})
    take(database, 1, "second").note_archived(Snapshot(2, 2), HOURS[1:], {})
    assert [hour.replace(tzinfo=UTC) for hour in batches.find_one()["hours"]] == HOURS


def test_an_older_attempt_stops_and_writes_nothing(database, batches):
    old, new = take(database, 1, "old"), take(database, 1, "new")
    before = batches.find_one()
    for write in (
        old.hold,
        old.note_begun,
        lambda: old.note_archived(Snapshot(1, 1), HOURS, {}),
        lambda: old.note_reported(TOUCHED, 1.0),
    ):
        with pytest.raises(StaleAttempt, match="Batch 1"):
            write()
    old.renew(HOURS[0])
    assert batches.find_one() == before
    new.hold()


def test_an_entry_that_is_gone_is_held_by_nobody(database, batches):
    entry = take(database, 1, "run")
    batches.delete_one({"_id": 1})
    with pytest.raises(StaleAttempt):
        entry.hold()


@pytest.mark.parametrize("state", BatchState)
def test_a_final_batch_is_only_replayed(database, batches, state):
    batches.update_one({"_id": 1}, {"$set": {"state": state}})
    entry = take(database, 1, "run")
    assert entry.is_replay is (state in FINAL)
    entry.note_reported(TOUCHED, 1.0)
    found = batches.find_one()
    assert found["state"] == (state if entry.is_replay else BatchState.REPORTED)
    assert found["touched"] == TOUCHED


def test_a_replay_adds_to_the_reports_that_are_not_announced_yet(database, batches):
    take(database, 1, "run").note_reported(TOUCHED, 1.0, BatchState.SET_ASIDE)
    other = {"merchant": "brown", "reports": ["brown/1/traffic/2026-11-24"]}
    more = {"merchant": "amber", "reports": ["amber/1/sales/2026-11-24"]}
    take(database, 1, "run").note_reported([more, other], 1.0)
    reports = [*more["reports"], *TOUCHED[0]["reports"]]
    assert batches.find_one()["touched"] == [{"merchant": "amber", "reports": reports}, other]


def test_a_lease_is_renewed_by_who_holds_the_batch(database, batches):
    take(database, 1, "run").renew(HOURS[0])
    lease = batches.find_one()["lease"]
    assert (lease["run"], lease["until"].replace(tzinfo=UTC)) == ("run", HOURS[0])
