"""Airflow's records and logs: what is old goes, the rest stays, and a task finds the database that is not for tasks."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from contracts.settings import Settings
from footfall_airflow import clean_up_tasks, listeners
from footfall_airflow.airflow_clean_up import CleanUpFailed, clean_logs, clean_records, logs_line, records_line
from stack.parts.airflow import prepare_database, prepared_database
from tests.conftest import HOME

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(days=30)
OLD, NEW = NOW - timedelta(days=40), NOW - timedelta(days=20)


@pytest.fixture
def records(tmp_path, monkeypatch):
    """Airflow's own database as a program finds it, in the environment of a task."""
    prepare_database(HOME)
    file = tmp_path / "airflow.db"
    shutil.copy(prepared_database(HOME), file)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__UNIT_TEST_MODE", "False")
    for name in ("DATABASE", "CORE"):
        monkeypatch.setenv(f"AIRFLOW__{name}__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    return file


def count(file, table):
    with closing(sqlite3.connect(file)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


RUN = """INSERT INTO dag_run (id, dag_id, run_id, run_type, state, start_date, run_after, clear_number, span_status)
VALUES (?, 'process_events', ?, 'asset_triggered', 'success', ?, ?, 0, 'ended')"""


def test_old_records_go_and_the_last_run_of_a_dag_and_watchers_stay(records):
    with closing(sqlite3.connect(records)) as database:
        database.execute("DELETE FROM log")
        for at in [OLD] * 700 + [NEW] * 3:
            database.execute("INSERT INTO log (dttm, event) VALUES (?, 'x')", (at.isoformat(" "),))
        for number in range(3):
            at = (OLD + timedelta(hours=number)).isoformat(" ")
            database.execute(RUN, (number, f"run-{number}", at, at))
        trigger = "INSERT INTO trigger (classpath, kwargs, created_date) VALUES ('x', '{}', ?)"
        database.execute(trigger, (OLD.isoformat(" "),))
        database.commit()
    found = clean_records(Settings(), BEFORE)
    assert (found, records_line(found)) == ({"dag_run": 2, "log": 700}, "702 records: dag_run 2, log 700")
    assert count(records, "log") == 4, "the command writes a line of its own"
    assert (count(records, "dag_run"), count(records, "trigger")) == (1, 1)
    assert count(records, "sqlite_master WHERE name LIKE '_airflow_deleted%'") == 0


def test_a_command_that_fails_says_why_without_a_password(records):
    away = Settings(airflow_database="postgresql+nothing://airflow:a-pass-word@127.0.0.1:1/airflow")
    with pytest.raises(CleanUpFailed, match="airflow db clean failed") as found:
        clean_records(away, BEFORE)
    assert "a-pass-word" not in str(found.value)


@pytest.fixture
def logs(tmp_path):
    """Makes a file that was written to last at a time."""

    def do(name, at):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("0123456789")
        os.utime(file, (at.timestamp(), at.timestamp()))
        return file

    return do


def test_old_logs_go_with_the_folders_of_their_runs(tmp_path, logs):
    gone = [logs(f"dag_id=a/run_id={n}/task_id=t/attempt=1.log", OLD) for n in range(3)]
    gone.append(logs("dag_processor/2026-10-01/a.log", OLD))
    stay = [
        logs("dag_id=a/run_id=9/task_id=t/attempt=1.log", NEW),
        logs("somebody_elses/old.log", OLD),
        logs("old.log", OLD),
    ]
    target = logs("elsewhere/target.log", OLD)
    link = tmp_path / "dag_processor" / "latest"
    link.symlink_to(target.parent)
    found = clean_logs(tmp_path, BEFORE)
    assert logs_line(found) == "4 logs, 0.0 MB" and found.bytes == 40
    assert not any(file.parent.exists() for file in gone)
    assert all(file.exists() for file in (*stay, target)) and link.is_symlink()
    assert (tmp_path / "dag_id=a").is_dir()
    assert clean_logs(tmp_path, BEFORE).files == 0
    assert clean_logs(tmp_path / "none", BEFORE).files == 0


def test_the_note_of_the_run_says_what_went(environment, database, tmp_path, monkeypatch):
    monkeypatch.setattr(clean_up_tasks, "get_current_context", lambda: {"dag_run": SimpleNamespace(run_id="run-2")})
    database.platform.insert_one({"_id": "airflow_cleaned", "run": "run-1", "lines": {"logs": "5 logs"}})
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path))
    clean_up_tasks.clean_logs.function()
    ended = SimpleNamespace(dag_id="maintain_airflow", run_id="run-2", note=None)
    listeners.on_dag_run_success(ended, "")
    assert ended.note == "Removed 0 logs, 0.0 MB"
    other = SimpleNamespace(dag_id="maintain_airflow", run_id="run-3", note=None)
    listeners.on_dag_run_success(other, "")
    assert other.note is None
