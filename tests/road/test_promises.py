"""Promises are watched and Airflow is kept small, through Airflow, on a stack with reports."""

import pytest

from contracts.names import Collection, DagId
from contracts.promises import CHECKS
from stack.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.long]


def ended(road, dag):
    """A run that was started by hand, once it has ended, and the states of its tasks."""
    name = road.airflow.trigger(dag)
    assert wait_until(lambda: road.airflow.run(dag, name)["state"] in ("success", "failed"), 180)
    states = {task: found["state"] for task, found in road.airflow.tasks(dag, name).items()}
    return road.airflow.run(dag, name), states


def test_every_check_looks_and_the_run_is_as_red_as_they_are(road, first_wave):
    run, states = ended(road, DagId.WATCH_PROMISES)
    assert states.pop("send_alerts") == "success"
    assert (run["state"] == "failed") == ("failed" in states.values())
    assert {one["_id"] for one in road.database[Collection.LOOKS].find()} == set(CHECKS)


def test_airflow_is_kept_small_and_the_note_says_what_went(road, first_wave):
    run, states = ended(road, DagId.MAINTAIN_AIRFLOW)
    assert states == {"clean_records": "success", "clean_logs": "success"}
    assert run["note"].startswith("Removed ") and "records" in run["note"] and "logs" in run["note"]
