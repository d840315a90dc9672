from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import DagId
from footfall_airflow.ledger import Ledger, NothingToDo, WrongState, backoff

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)


def plan(ledger, run="run-1", previous=0, ends=10, now=NOW):
    place = {"topic": "events", "topic_id": "id", "previous": previous, "ranges": {"0": [0, ends]}, "ends": {"0": ends}}
    return ledger.plan(run, now, **place)["_id"]


def test_numbers_go_up(ledger):
    assert [plan(ledger, "a", 0), plan(ledger, "b", 1)] == [1, 2]
    assert ledger.position("events").batch == 2


def test_two_batches_after_the_same_one_cannot_be(ledger):
    from pymongo.errors import DuplicateKeyError

    plan(ledger, "a")
    with pytest.raises(DuplicateKeyError):
        plan(ledger, "b")


def test_a_run_keeps_its_batch_whatever_became_of_it(ledger, report):
    batch = plan(ledger)
    report(batch)
    ledger.commit(batch, NOW)
    ledger.announce(batch, NOW)
    plan(ledger, "run-2", previous=batch)
    assert ledger.take("run-1", LATER)["_id"] == batch


def test_another_run_takes_over_when_the_lease_has_run_out(ledger):
    batch = plan(ledger)
    with pytest.raises(NothingToDo, match="in flight"):
        ledger.take("run-2", NOW + timedelta(seconds=59))
    taken = ledger.take("run-2", LATER)
    assert (taken["_id"], taken["runs"], taken["run"]) == (batch, ["run-1", "run-2"], "run-1")
    assert taken["lease"] == {"run": "run-2", "until": LATER + timedelta(seconds=60)}


def test_a_finished_batch_is_not_taken_over(ledger, report):
    batch = plan(ledger)
    report(batch)
    ledger.commit(batch, NOW)
    assert ledger.take("run-2", LATER)["_id"] == batch, "committed and not announced: it is unfinished"
    ledger.announce(batch, LATER)
    assert ledger.take("run-3", LATER + timedelta(hours=1)) is None


def test_a_batch_of_errors_is_finished_when_it_is_committed(database, report):
    errors = Ledger(database, DagId.REPROCESS_ERRORS, lease_seconds=60)
    batch = plan(errors)
    errors.report(batch, NOW)
    errors.commit(batch, NOW)
    assert errors.take("run-2", LATER) is None


def test_commit_without_a_report_names_the_state(ledger):
    batch = plan(ledger)
    with pytest.raises(WrongState, match=f"Batch {batch} is planned and cannot become committed"):
        ledger.commit(batch, NOW)


def test_commit_twice_changes_nothing(ledger, report):
    batch = plan(ledger)
    report(batch)
    ledger.commit(batch, NOW)
    ledger.announce(batch, NOW)
    again = ledger.commit(batch, LATER)
    assert (again["state"], again["committed_at"]) == ("announced", NOW)


def test_commit_lets_go_of_due_scopes_also_on_a_replay(ledger, database, report):
    batch = plan(ledger)
    report(batch)
    for _ in range(2):
        scope = {"merchant": "m", "group": "day", "scope": "2026-11-25", "sequence": 1, "token": "t", "holder": batch}
        database.due_scopes.replace_one({"_id": "m/day/2026-11-25"}, scope, upsert=True)
        ledger.commit(batch, NOW)
        assert database.due_scopes.find_one()["holder"] is None


def test_a_round_goes_from_reported_to_announced(database, report):
    rounds = Ledger(database, DagId.BUILD_DAY_REPORTS, lease_seconds=60)
    key = rounds.plan("run-1", NOW, prefix="days-")["_id"]
    assert key == "days-1"
    with pytest.raises(WrongState):
        rounds.announce(key, NOW)
    report(key)
    rounds.announce(key, NOW)
    assert rounds.entry(key)["state"] == "announced"


def test_the_last_state_ends_the_lease(ledger, report):
    batch = plan(ledger)
    report(batch)
    ledger.commit(batch, NOW)
    assert ledger.standing(NOW).is_in_flight
    ledger.announce(batch, NOW)
    assert not ledger.standing(NOW).is_in_flight


def test_a_replay_is_in_flight_but_not_unfinished(ledger, report):
    batch = plan(ledger)
    report(batch)
    ledger.commit(batch, NOW)
    ledger.announce(batch, NOW)
    ledger.take("run-1", LATER)
    standing = ledger.standing(LATER)
    assert standing.is_in_flight and standing.unfinished is None


def test_a_failed_run_lets_go_and_the_batch_waits_longer_each_time(ledger):
    batch = plan(ledger)
    ledger.release("run-1", NOW, is_failed=True)
    assert ledger.entry(batch)["not_before"] == NOW + timedelta(seconds=5)
    assert not ledger.standing(NOW + timedelta(seconds=4)).may_start(NOW + timedelta(seconds=4))
    assert ledger.standing(NOW + timedelta(seconds=5)).may_start(NOW + timedelta(seconds=5))
    ledger.take("run-2", NOW)
    ledger.release("run-2", NOW, is_failed=True)
    assert ledger.entry(batch)["not_before"] == NOW + timedelta(seconds=10)


def test_the_end_of_another_run_leaves_the_lease(ledger):
    plan(ledger)
    ledger.release("run-2", NOW, is_failed=True)
    assert ledger.standing(NOW).is_in_flight


def test_backoff_ends_at_five_minutes():
    assert [backoff(failures).seconds for failures in (1, 2, 3, 7, 100)] == [5, 10, 20, 300, 300]
