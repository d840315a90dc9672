from datetime import UTC, datetime
from types import SimpleNamespace

from contracts.settings import settings as settings_of_process
from footfall_airflow import listeners


def run(run_id="run-1", dag_id="process_events"):
    """What a listener reads of Airflow's DagRun, and the note it sets."""
    return SimpleNamespace(dag_id=dag_id, run_id=run_id, note=None)


def plan(ledger):
    place = {"topic": "events", "topic_id": "id", "previous": 0, "ranges": {"0": [0, 4]}, "ends": {"0": 4}}
    return ledger.plan("run-1", datetime.now(UTC), **place, messages=4)["_id"]


def test_a_failed_run_lets_go_of_its_batch(environment, ledger):
    batch, failed = plan(ledger), run()
    listeners.on_dag_run_failed(failed, "")
    now = datetime.now(UTC)
    assert not ledger.standing(now).is_in_flight
    assert ledger.entry(batch)["not_before"] > now
    assert failed.note == f"Batch {batch} · planned · 4 messages"


def test_a_run_that_succeeds_leaves_no_wait(environment, ledger):
    batch = plan(ledger)
    listeners.on_dag_run_success(run(), "")
    assert not ledger.standing(datetime.now(UTC)).is_in_flight
    assert ledger.entry(batch)["not_before"] is None


def test_other_runs_and_other_dags_change_nothing(environment, ledger):
    plan(ledger)
    for other in (run("run-2"), run(dag_id="somebody_elses"), run(dag_id="reprocess_errors")):
        listeners.on_dag_run_failed(other, "")
        assert other.note is None
    assert ledger.standing(datetime.now(UTC)).is_in_flight


def test_a_dag_without_a_ledger_is_left_alone(environment, caplog):
    listeners.on_dag_run_failed(run(dag_id="watch_promises"), "")
    assert caplog.records == []


def test_without_a_database_the_scheduler_goes_on(environment, monkeypatch, caplog):
    monkeypatch.setenv("FOOTFALL_MONGO_URI", "mongodb://127.0.0.1:1/?directConnection=true")
    settings_of_process.cache_clear()
    listeners.on_dag_run_failed(run(), "")
    assert "it runs out by itself" in caplog.text
