"""Watches of DAGs that work in rounds: day reports that are due, and rehearsals."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import DagId
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.rehearsing import plan_rehearsals
from footfall_airflow.watches import DueDaysWatch, RehearsalsWatch

START = datetime.now(UTC).replace(microsecond=0)


def at(seconds):
    return START + timedelta(seconds=seconds)


class TestDueDays:
    @pytest.fixture
    def rounds(self, database):
        return Ledger(database, DagId.BUILD_DAY_REPORTS, lease_seconds=60)

    @pytest.fixture
    def days(self, database, settings):
        return DueDaysWatch(database, settings)

    @pytest.fixture
    def due(self, database):
        def do(holder=None):
            scope = {"merchant": "m", "group": "day", "scope": "2026-11-25", "sequence": 1, "token": "t"}
            database.due_scopes.replace_one({"_id": "m/day/2026-11-25"}, {**scope, "holder": holder}, upsert=True)

        return do

    def test_sleeps_until_a_day_is_due(self, days, due):
        assert days.look(at(0)) is None
        due(holder=4)
        assert days.look(at(1)) is None
        due()
        assert days.look(at(2))
        assert days.look(at(3)) is None
        assert days.look(at(12))

    def test_rests_nine_times_as_long_as_it_worked(self, days, due, rounds, report):
        due()
        key = rounds.plan("run-1", at(0), prefix="days-")["_id"]
        assert days.look(at(1)) is None
        report(key, seconds=4.0)
        rounds.announce(key, at(6))
        assert days.look(at(41)) is None
        assert days.look(at(42))

    def test_an_unfinished_round_does_not_wait_for_the_pace(self, days, due, rounds):
        key = rounds.plan("run-1", at(0), prefix="days-")["_id"]
        rounds.release("run-1", at(2), is_failed=True)
        assert days.look(at(6)) is None
        assert days.look(at(7)) == {"unfinished_round": key}


class TestRehearsals:
    @pytest.fixture
    def rounds(self, database):
        return Ledger(database, DagId.REHEARSE_REPAIRS, lease_seconds=60)

    def test_a_rehearsal_wakes_a_round_and_one_that_a_dead_run_left_another(self, database, settings, rounds, report):
        watch = RehearsalsWatch(database, settings)
        assert watch.look(at(0)) is None
        with pytest.raises(NothingToDo):
            plan_rehearsals(rounds, database, "run-0", lambda: at(0))
        asked = {"_id": "c/1", "merchant": "m", "cause": "c", "state": "requested", "asked_at": at(0)}
        database.rehearsals.insert_one(asked)
        assert watch.look(at(1))
        key = plan_rehearsals(rounds, database, "run-1", lambda: at(1))["_id"]
        assert key.startswith("rehearsals-")
        assert watch.look(at(2)) is None
        database.rehearsals.update_one({}, {"$set": {"state": "running"}})
        report(key)
        rounds.release("run-1", at(3), is_failed=False)
        assert watch.look(at(4))
        database.rehearsals.update_one({}, {"$set": {"state": "ready"}})
        assert watch.look(at(20)) is None
