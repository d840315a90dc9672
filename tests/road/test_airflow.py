"""What an analyst sees and does in Airflow: one run a batch, its runbook, the asset graph, clearing and pausing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.names import AssetName, Collection, DagId, Topic
from stack.airflow_api import AirflowApi
from stack.waiting import wait_until
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
HEADINGS = ("## What", "## When", "## Safe to re-run?", "## If it fails")


@pytest.fixture(scope="module")
def airflow(road):
    return AirflowApi(road.settings)


def some_messages(number):
    at = NOON + timedelta(minutes=number)
    views = [message("Product Viewed", at, f"v{n}", product_id=f"p{n}", price=n) for n in range(20)]
    return [*views, message("Order Completed", at, "v1", order_id=f"o{number}", revenue="19.90")]


def newest_batch(road):
    return road.database[Collection.BATCHES].find_one({"topic": Topic.EVENTS}, sort=[("_id", -1)])


@pytest.fixture(scope="module")
def processed(road, airflow):
    """A shop, and the batch of its messages once its run is over."""
    shop = road.new_shop("runs")
    shop.send(some_messages(1))
    road.wait()
    batch = newest_batch(road)
    assert wait_until(lambda: airflow.run(DagId.PROCESS_EVENTS, batch["run"])["state"] == "success", 60)
    return shop, batch


def test_a_run_is_a_batch_and_says_what_it_did(airflow, processed):
    _, batch = processed
    assert f"Batch {batch['_id']} " in airflow.run(DagId.PROCESS_EVENTS, batch["run"])["note"]
    assert [task["state"] for task in airflow.tasks(DagId.PROCESS_EVENTS, batch["run"]).values()] == ["success"] * 4


def test_every_batch_has_the_one_run_that_worked_on_it(road, airflow, processed):
    batches = list(road.database[Collection.BATCHES].find({"topic": Topic.EVENTS}))
    runs = {run["dag_run_id"] for run in airflow.runs(DagId.PROCESS_EVENTS) if run["note"]}
    assert len({batch["run"] for batch in batches}) == len(batches)
    assert processed[1]["run"] in runs


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


def test_clearing_a_finished_run_replays_its_batch_and_changes_nothing(road, airflow, processed):
    shop, batch = processed
    run = batch["run"]
    numbers, files = shop.stored_checksums(), archive_files(road)
    airflow.clear(DagId.PROCESS_EVENTS, run)
    assert wait_until(lambda: road.attempts(batch["_id"]) > batch["attempt"], 120)
    assert wait_until(lambda: airflow.run(DagId.PROCESS_EVENTS, run)["state"] == "success", 120)
    road.wait()
    assert shop.stored_checksums() == numbers
    assert archive_files(road) == files
    assert newest_batch(road)["_id"] == batch["_id"]


def archive_files(road):
    return sorted(Path(road.settings.lake_warehouse).rglob("*.parquet"))


def test_a_paused_dag_works_its_backlog_off_when_it_goes_on(road, airflow):
    shop = road.new_shop("paused")
    airflow.set_paused(DagId.PROCESS_EVENTS, True)
    try:
        before = newest_batch(road)["_id"]
        shop.send(some_messages(9))
        assert not wait_until(lambda: newest_batch(road)["_id"] != before, 6)
    finally:
        airflow.set_paused(DagId.PROCESS_EVENTS, False)
    road.wait(180)
    assert_reports_are_right(shop)
