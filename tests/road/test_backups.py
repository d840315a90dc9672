"""A night of backups through Airflow, on a stack with reports."""

import pytest

from backups.store import open_store
from contracts.backups import BackupLine, BackupState
from contracts.names import Collection, DagId
from stack.waiting import wait_until

pytestmark = pytest.mark.stack


def run(road, dag):
    """The states of the tasks of a run that was started by hand, once it has ended."""
    name = road.airflow.trigger(dag)
    assert wait_until(lambda: road.airflow.run(dag, name)["state"] in ("success", "failed"), 180)
    return {task: found["state"] for task, found in road.airflow.tasks(dag, name).items()}


def test_a_night_is_proven_dumped_and_rehearsed(road, first_wave):
    states = run(road, DagId.BACK_UP_DATABASES)
    # a run by the clock may have written this week's dump already
    assert states.pop("dump") in ("success", "skipped")
    assert states == dict.fromkeys(["snapshot", "copy", "verify", "rotate", "rehearse_restore"], "success")
    with open_store(road.settings, BackupLine.NIGHTLY) as store:
        newest = store.newest([BackupState.WHOLE])
        assert newest["window_seconds"] == road.settings.snapshot_window_seconds
        reports = store.manifests(newest["_id"])["reports"]["documents"]
    assert reports == road.database[Collection.REPORTS].count_documents({}) > 0


def test_decisions_are_copied(road, first_wave):
    assert run(road, DagId.BACK_UP_DECISIONS) == {"copy_decisions": "success"}
    with open_store(road.settings, BackupLine.DECISIONS) as store:
        newest = store.newest([BackupState.WHOLE])
        shops = store.manifests(newest["_id"])["merchants"]["documents"]
    assert shops == road.database[Collection.MERCHANTS].count_documents({}) > 0
