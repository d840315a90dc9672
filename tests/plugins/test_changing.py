"""When the change of a shop's settings may go on."""

from datetime import timedelta

import pytest

from contracts.names import BatchState, DagId
from contracts.shop_settings import FORMER_KEPT
from footfall_airflow.changing import plan_changes
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.watches import ChangesWatch
from tests.plugins.test_watches import at

PLACE = {"_id": "lamps", "name": "Lamps", "time_zone": "Europe/Berlin", "currency": "EUR"}


@pytest.fixture
def watch(database, settings):
    return ChangesWatch(database, settings)


@pytest.fixture
def rounds(database):
    return Ledger(database, DagId.CHANGE_SETTINGS, lease_seconds=60)


@pytest.fixture
def batches(database):
    return Ledger(database, DagId.PROCESS_EVENTS, lease_seconds=60)


@pytest.fixture
def order(database):
    def do(shop="lamps", **overrides):
        ordered = {"settings_version": 2, "state": "ordered", "after": None, "attempts": 0} | overrides
        database.merchants.insert_one(PLACE | {"_id": shop, "next": ordered})

    return do


def state_of(database, shop="lamps"):
    return database.merchants.find_one({"_id": shop})["next"]["state"]


def finish(batches, database, key):
    database.batches.update_one({"_id": key}, {"$set": {"state": BatchState.REPORTED}})
    batches.commit(key, at(3))
    batches.announce(key, at(3))


def test_nothing_is_ordered(watch, rounds, database):
    database.merchants.insert_one(PLACE)
    assert watch.look(at(0)) is None
    with pytest.raises(NothingToDo):
        plan_changes(rounds, database, "run-1", lambda: at(0))


def test_without_batches_at_work_it_goes_on_at_once(watch, rounds, database, order):
    order()
    assert watch.look(at(1))
    assert plan_changes(rounds, database, "run-1", lambda: at(1))["_id"].startswith("settings-")
    assert state_of(database) == "building"


def test_it_waits_for_the_batches_of_its_time_and_for_no_later_one(watch, rounds, batches, database, order):
    before = batches.plan("run-a", at(0))["_id"]
    order()
    with pytest.raises(NothingToDo):
        plan_changes(rounds, database, "run-1", lambda: at(1))
    batches.plan("run-b", at(2))
    assert state_of(database) == "ordered"
    assert watch.look(at(2)) is None
    finish(batches, database, before)
    assert watch.look(at(4))
    plan_changes(rounds, database, "run-2", lambda: at(4))
    assert state_of(database) == "building"


def test_one_shop_that_waits_does_not_hold_another_up(rounds, batches, database, order):
    order()
    batches.plan("run-a", at(0))
    order("late", after=1)
    order("early", after=0)
    plan_changes(rounds, database, "run-1", lambda: at(1))
    assert [state_of(database, shop) for shop in ("lamps", "late", "early")] == ["ordered", "ordered", "building"]


def test_one_that_a_dead_run_left_wakes_the_next(watch, database, order):
    order(state="building", after=0)
    assert watch.look(at(1))


def test_one_that_was_given_up_wakes_nobody(watch, database, order):
    order(state="failed", after=0)
    assert watch.look(at(1)) is None


def test_reports_of_former_settings_are_removed_a_day_later(watch, rounds, database):
    database.merchants.insert_one(PLACE | {"former": [{"settings_version": 1, "until": at(0)}]})
    assert watch.look(at(0) + FORMER_KEPT) is None
    later = at(1) + FORMER_KEPT
    assert watch.look(later)
    assert plan_changes(rounds, database, "run-1", lambda: later + timedelta(seconds=1))
