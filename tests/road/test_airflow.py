"""What an analyst sees and does in Airflow: one run a batch, its runbook, the asset graph, clearing and pausing."""

from pathlib import Path

import pytest

from contracts.names import AssetName, Collection, DagId, Topic
from stack.waiting import wait_until
from tests.road.agreement import assert_reports_are_right

pytestmark = pytest.mark.stack
HEADINGS = ("## What", "## When", "## Safe to re-run?", "## If it fails")


@pytest.fixture(scope="module")
def airflow(road):
    return road.airflow


@pytest.fixture(scope="module")
def batch(airflow, second_wave):
    """The second wave's batch once its run is over."""
    batch = second_wave.batch
    assert wait_until(lambda: airflow.run(DagId.PROCESS_EVENTS, batch["run"])["state"] == "success", 60)
    return batch


def test_a_run_is_a_batch_and_says_what_it_did(airflow, batch):
    assert f"Batch {batch['_id']} " in airflow.run(DagId.PROCESS_EVENTS, batch["run"])["note"]
    assert [task["state"] for task in airflow.tasks(DagId.PROCESS_EVENTS, batch["run"]).values()] == ["success"] * 4


def test_every_batch_has_the_one_run_that_worked_on_it(road, airflow, batch):
    batches = list(road.database[Collection.BATCHES].find({"topic": Topic.EVENTS}))
    runs = {run["dag_run_id"] for run in airflow.runs(DagId.PROCESS_EVENTS) if run["note"]}
    assert len({batch["run"] for batch in batches}) == len(batches)
    assert batch["run"] in runs


@pytest.mark.parametrize("dag", DagId)
def test_the_runbook_is_in_airflow(airflow, dag):
    documentation = airflow.dag(dag)["doc_md"]
    assert all(heading in documentation for heading in HEADINGS)


def test_the_asset_graph_leads_from_the_topic_to_the_reports(airflow):
    graph = airflow.dependencies(f"dag:{DagId.PROCESS_EVENTS}")
    names = {node["id"]: node["label"] for node in graph["nodes"]}
    edges = {(names[edge["source_id"]], names[edge["target_id"]]) for edge in graph["edges"]}
    assert (AssetName.EVENTS_BACKLOG, DagId.PROCESS_EVENTS) in edges
    assert (DagId.PROCESS_EVENTS, AssetName.REPORTS) in edges


def test_clearing_a_finished_run_replays_its_batch_and_changes_nothing(road, airflow, second_wave, batch):
    shop, run = second_wave.first.loop, batch["run"]
    numbers, files, newest = shop.stored_checksums(), archive_files(road), road.newest_batch()
    airflow.clear(DagId.PROCESS_EVENTS, run)
    assert wait_until(lambda: road.attempts(batch["_id"]) > batch["attempt"], 120)
    assert wait_until(lambda: airflow.run(DagId.PROCESS_EVENTS, run)["state"] == "success", 120)
    road.wait()
    assert shop.stored_checksums() == numbers
    assert archive_files(road) == files
    assert road.newest_batch()["_id"] == newest["_id"]


def archive_files(road):
    return sorted(Path(road.settings.lake_warehouse).rglob("*.parquet"))


def test_a_paused_dag_works_its_backlog_off_when_it_goes_on(first_wave, second_wave):
    """Both waves were sent while it was paused."""
    assert first_wave.batch["_id"] < second_wave.batch["_id"]
    assert_reports_are_right(first_wave.loop)
