"""What holds for every DAG; a new one is held to it without a line here."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from airflow.timetables import trigger
from airflow.timetables.base import TimeRestriction

from contracts.names import AssetName, ConnectionId, DagId, Pool
from tests.airflow_home import ROOT

FILES = sorted((ROOT / "dags").glob("*.py"))
HEADINGS = ["## What", "## When", "## Safe to re-run?", "## If it fails"]
VERBS = {
    *("plan", "build", "rebuild", "commit", "publish", "reprocess", "halve", "check", "rehearse", "catch"),
    *("snapshot", "copy", "verify", "rotate", "dump", "compact"),
    *("clean", "send", "forget", "clear"),
}
BY_THE_CLOCK = {
    DagId.WATCH_PROMISES: "*/5 * * * *",
    DagId.BACK_UP_DATABASES: "0 2 * * *",
    DagId.BACK_UP_DECISIONS: "*/5 * * * *",
    DagId.MAINTAIN_ARCHIVE: "0 * * * *",
    DagId.MAINTAIN_AIRFLOW: "0 4 * * *",
}
HEAVY = ("pyspark", "pymongo", "confluent_kafka", "pandas")


def test_the_dags_are_those_of_the_contract(dags):
    assert set(dags) == {str(dag) for dag in DagId}


def test_one_file_makes_one_dag_of_its_name(dags):
    assert {Path(dag.fileloc).stem: dag_id for dag_id, dag in dags.items()} == {file.stem: file.stem for file in FILES}


@pytest.mark.parametrize("dag_id", list(DagId))
class TestEveryDag:
    def test_the_runbook_is_what_the_analyst_reads(self, dags, dag_id):
        lines = dags[dag_id].doc_md.splitlines()
        assert [line for line in lines if line.startswith("#")] == HEADINGS
        sections = "\n".join(lines).split("## ")[1:]
        assert all(len(section.split()) > 10 for section in sections), "a heading without words"

    def test_one_run_at_a_time_awake_from_the_start(self, dags, dag_id):
        dag = dags[dag_id]
        assert (dag.max_active_runs, dag.is_paused_upon_creation, dag.catchup) == (1, False, False)
        assert dag.tags

    def test_an_asset_with_a_watcher_wakes_it_or_the_clock(self, dags, dag_id):
        if dag_id in BY_THE_CLOCK:
            assert dags[dag_id].timetable.summary == BY_THE_CLOCK[dag_id]
            return
        watched = [asset for asset in dags[dag_id].timetable.asset_condition.objects if asset.watchers]
        assert watched and {asset.name for asset in watched} <= set(AssetName)

    def test_tasks_are_verbs_and_are_retried_with_backoff(self, dags, dag_id):
        for task in dags[dag_id].tasks:
            assert task.task_id.split("_")[0] in VERBS
            assert task.retries >= 4 and task.retry_exponential_backoff == 2.0
            assert task.owner == "footfall"

    def test_spark_goes_through_the_pool_and_the_connection(self, dags, dag_id):
        for task in dags[dag_id].tasks:
            if hasattr(task, "application"):
                assert (task.pool, task._conn_id) == (Pool.SPARK, ConnectionId.SPARK)
                assert Path(task.application).is_file()
                assert task.application_args[-2:] == ["--run", "{{ run_id }}"]


def test_dags_with_a_job_have_a_spark_task(dags):
    with_spark = {dag_id for dag_id, dag in dags.items() if any(hasattr(task, "application") for task in dag.tasks)}
    assert with_spark == set(DagId) - {DagId.REPROCESS_ERRORS, *BY_THE_CLOCK} | {DagId.MAINTAIN_ARCHIVE}


def test_reports_come_out_at_the_end(dags):
    outlets = {dag_id: [asset.name for task in dag.leaves for asset in task.outlets] for dag_id, dag in dags.items()}
    assert outlets == {
        DagId.PROCESS_EVENTS: [AssetName.REPORTS],
        DagId.BUILD_DAY_REPORTS: [AssetName.REPORTS],
        DagId.REPROCESS_ERRORS: [],
        DagId.REBUILD_REPORTS: [AssetName.REPORTS],
        DagId.REHEARSE_REPAIRS: [],
        DagId.CHANGE_SETTINGS: [AssetName.REPORTS],
        DagId.CATCH_UP_WITH_ARCHIVE: [AssetName.REPORTS],
        DagId.FORGET_PEOPLE: [AssetName.REPORTS],
        DagId.WATCH_PROMISES: [],
        DagId.BACK_UP_DATABASES: [],
        DagId.BACK_UP_DECISIONS: [],
        DagId.MAINTAIN_ARCHIVE: [],
        DagId.MAINTAIN_AIRFLOW: [],
    }


@pytest.mark.parametrize(
    ("dag_id", "tasks"),
    [
        (DagId.PROCESS_EVENTS, ["plan_batch", "build_hour_reports", "commit_batch", "publish_ready"]),
        (DagId.BUILD_DAY_REPORTS, ["plan_round", "build_day_reports", "publish_ready"]),
        (DagId.REPROCESS_ERRORS, ["plan_batch", "reprocess", "halve_batches", "commit_batch"]),
        (DagId.REBUILD_REPORTS, ["plan_batch", "rebuild", "commit_batch", "publish_ready"]),
        (DagId.REHEARSE_REPAIRS, ["plan_rehearsals", "rehearse"]),
        (DagId.MAINTAIN_ARCHIVE, ["plan_maintenance", "compact", "verify_counts"]),
        (DagId.CHANGE_SETTINGS, ["plan_changes", "build_reports", "commit_batch", "publish_ready"]),
        (DagId.CATCH_UP_WITH_ARCHIVE, ["plan_catch_up", "catch_up", "commit_batch", "publish_ready"]),
    ],
)
def test_tasks_run_one_after_another(dags, dag_id, tasks):
    dag = dags[dag_id]
    assert [task.task_id for task in dag.topological_sort()] == tasks
    for before, after in pairwise(tasks):
        assert after in dag.get_task(before).downstream_task_ids


def test_a_generation_is_proven_before_anything_goes_or_is_read(dags):
    dag = dags[DagId.BACK_UP_DATABASES]
    for before, after in pairwise(["snapshot", "copy", "verify", "rotate"]):
        assert dag.get_task(before).downstream_task_ids == {after}
    assert dag.get_task("rotate").downstream_task_ids == {"dump", "rehearse_restore"}


@pytest.mark.parametrize("minute", [0, 1, 59])
@pytest.mark.parametrize("dag_id", list(BY_THE_CLOCK))
def test_the_clock_makes_up_for_nothing_on_a_platform_that_was_just_made(dags, dag_id, minute, monkeypatch):
    now = datetime(2026, 11, 26, 2, minute, 30, tzinfo=UTC)
    monkeypatch.setattr(trigger, "utcnow", lambda: now)
    unbounded = TimeRestriction(earliest=None, latest=None, catchup=False)
    first = dags[dag_id].timetable.next_dagrun_info(last_automated_data_interval=None, restriction=unbounded)
    assert first.run_after > now


def test_promises_are_checked_side_by_side_and_told_of_whatever_they_say(dags):
    checks = {f"check_{name}" for name in ("books", "limits", "rejected", "rebuilds", "backups", "disks")}
    dag = dags[DagId.WATCH_PROMISES]
    assert {task.task_id for task in dag.roots} == checks
    last = dag.get_task("send_alerts")
    assert last.upstream_task_ids == checks
    assert last.is_teardown and not last.on_failure_fail_dagrun, "a run is as red as its checks"


def test_parsing_is_light():
    """No client of an engine is imported: the DAG processor parses every file again and again."""
    program = f"""
import runpy, sys
for file in {[str(file) for file in FILES]}:
    runpy.run_path(file)
    found = [name for name in {HEAVY} if name in sys.modules]
    assert not found, f"{{file}} imports {{found}}"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_is_a_table_of_contents(file):
    assert len(file.read_text().splitlines()) < 100
