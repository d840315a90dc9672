"""The tasks with what Airflow tells them, on a shop as the report app reads it."""

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context
from click.testing import CliRunner

from contracts.backups import BackupLine, BackupState
from contracts.restores import RESTORE, RestoreState
from contracts.settings import settings as settings_of_process
from stack.commands import main as footfall
from tests.backups.contents import content, content_of_main
from tests.report_app.filled_shop import fill


@pytest.fixture
def run_task(environment):
    from footfall_airflow import backup_tasks

    def do(name, *arguments, run="run-1"):
        with set_current_context({"run_id": run}):
            return getattr(backup_tasks, name).function(*arguments)

    return do


@pytest.fixture
def run_night(run_task):
    """The tasks up to `rotate`; answers the generation's number."""

    def do(run):
        number = run_task("snapshot", run=run)
        for name in ("copy", "verify", "rotate"):
            assert run_task(name, number, run=run) == number
        return number

    return do


@pytest.fixture
def shop(main):
    fill(main, days=3)
    return main


def test_a_database_that_is_being_restored_is_not_copied(shop, store, run_task):
    shop.backups.insert_one({"_id": RESTORE, "state": RestoreState.RESTORED})
    for name in ("snapshot", "copy_decisions"):
        with pytest.raises(AirflowSkipException, match="is being restored"):
            run_task(name)
    assert store.generations() == []


def test_a_night_and_the_same_night_again(shop, store, run_task, run_night, tmp_path):
    number = run_night("run-1")
    assert content(store, number) == content_of_main(shop)
    said = run_task("rehearse_restore", number)
    # three families by the hour over 48 hours and what of today is over, one family by the day
    hours = sum(len(one["hours"]) for one in shop.reports.find({"hours": {"$exists": True}}))
    assert said == f"Restored nordlicht and read {hours + 3} reports."
    assert (tmp_path / "dumps" / run_task("dump", number)).is_dir()
    with pytest.raises(AirflowSkipException, match="less than a week"):
        run_task("dump", number)
    assert run_night("run-1") == number + 1, "a cleared run makes a new one"
    for name in ("copy", "verify", "rotate"):
        assert run_task(name, number + 1, run="run-1") == number + 1, "a cleared task leaves what is complete"
    assert [one["_id"] for one in store.generations()] == [number + 1, number], (
        "the newest of the day, and the one before it"
    )
    assert not [name for name in store.database.client.list_database_names() if "_rehearsal" in name]


def test_a_report_that_no_page_could_show_fails_the_rehearsal(shop, run_task, run_night):
    damaged = shop.reports.find_one({"family": "products"})
    shop.reports.update_one({"_id": damaged["_id"]}, {"$inc": {"content.rows.0.orders": 1}})
    shop.reports.delete_one({"family": "sales", "day": damaged["day"]})
    number = run_night("run-1")
    with pytest.raises(AirflowFailException) as failure:
        run_task("rehearse_restore", number)
    assert f"products of {damaged['day']} cannot be read" in str(failure.value)
    assert f"sales of {damaged['day']}, 24 hours, is missing" in str(failure.value)


def test_a_small_one_fails_until_a_person_accepts_it(shop, store, run_task, run_night, environment):
    run_night("run-1")
    shop.reports.delete_many({})
    number = run_task("copy", run_task("snapshot", run="run-2"), run="run-2")
    for _ in range(2):
        with pytest.raises(AirflowFailException, match=f"footfall backup accept {number} --by"):
            run_task("verify", number, run="run-2")
    listed = CliRunner().invoke(footfall, ["backup", "list"], env=environment)
    assert listed.exit_code == 0, listed.output
    assert "doubtful" in listed.output and "whole" in listed.output
    accepted = CliRunner().invoke(footfall, ["backup", "accept", str(number), "--by", "anna"], env=environment)
    assert accepted.exit_code == 0, accepted.output
    assert run_task("verify", number, run="run-2") == number
    assert store.generation(number)["accepted_by"] == "anna"
    again = CliRunner().invoke(footfall, ["backup", "accept", str(number), "--by", "anna"], env=environment)
    assert again.exit_code == 1 and "is whole" in again.output


def test_decisions_are_copied_when_there_are_new_ones(shop, run_task):
    from backups.store import open_store

    first = run_task("copy_decisions")
    assert run_task("copy_decisions", run="run-2") is None
    shop.users.update_one({}, {"$set": {"locale": "de-DE"}})
    second = run_task("copy_decisions", run="run-3")
    with open_store(settings_of_process(), BackupLine.DECISIONS) as decisions:
        assert {one["_id"]: one["state"] for one in decisions.generations()} == dict.fromkeys(
            (first, second), BackupState.WHOLE
        )
        assert first not in (None, second)
        assert content(decisions, second)["users"] == content_of_main(shop)["users"]
