from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from contracts.names import Job
from footfall_airflow.spark import SparkJobOperator, build_day_reports, build_hour_reports


@pytest.fixture
def no_connection(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_SPARK_DEFAULT", raising=False)


def test_a_missing_connection_is_named_and_does_not_become_yarn(no_connection):
    task = SparkJobOperator(task_id="build", job=Job.PROCESS_EVENTS, arguments={"batch": 7})
    with pytest.raises(
        AirflowFailException, match=r"Connection spark_default does not exist.*AIRFLOW_CONN_SPARK_DEFAULT"
    ):
        task.execute({})


def test_the_connections_master_is_submitted_to(monkeypatch, tmp_path):
    """A program of the name spark-submit writes down what it was called with."""
    said = tmp_path / "said"
    program = tmp_path / "spark-submit"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {said}\necho "path $PYTHONPATH" >> {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SPARK_DEFAULT", '{"conn_type": "spark", "host": "local[3]", "extra": {"deploy-mode": "client"}}'
    )
    SparkJobOperator(task_id="build", job=Job.PROCESS_EVENTS, arguments={"batch": 7}).execute({})
    words = said.read_text().splitlines()
    assert words[words.index("--master") + 1] == "local[3]"
    job = next(place for place, word in enumerate(words) if word.endswith("spark_jobs/process_events/job.py"))
    assert words[job + 1 : job + 5] == ["--batch", "7", "--run", "{{ run_id }}"]
    root = Path(words[job]).parents[2]
    assert (root / "contracts").is_dir() and str(root) in words[-1]


def test_each_job_has_its_task():
    with DAG("any", schedule=None):
        assert build_hour_reports(4).application_args == ["--batch", 4, "--run", "{{ run_id }}"]
        assert build_day_reports("days-1").application_args == ["--round", "days-1", "--run", "{{ run_id }}"]
