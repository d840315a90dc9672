"""Airflow's four components, their configuration, and the metadata database that set-up prepares once."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests

from contracts.names import ConnectionId, DagId, Pool
from contracts.settings import Settings
from stack import secret_files
from stack.parts.program import Group, Program, answers
from stack.problems import StackProblem

ROOT = Path(__file__).parents[2]
USER = "admin"
SPARK_SLOTS = 2
COMPONENTS = ("airflow-api-server", "airflow-dag-processor", "airflow-scheduler", "airflow-triggerer")
_TIMEOUT_SECONDS = 300
_LOCK_SECONDS = 20
"""How long a program waits for another one that writes to the metadata database: SQLite has one writer. Shorter than what
asks Airflow waits for its answer, and than the triggerer's own limit.
"""
_HEALTH = {
    "airflow-api-server": "metadatabase",
    "airflow-dag-processor": "dag_processor",
    "airflow-scheduler": "scheduler",
    "airflow-triggerer": "triggerer",
}
# Log servers are left out: every component reads the log folder itself, and theirs listen on all interfaces.
_COMMANDS = {
    "airflow-api-server": ["api-server"],
    "airflow-dag-processor": ["dag-processor"],
    "airflow-scheduler": ["scheduler", "--skip-serve-logs"],
    "airflow-triggerer": ["triggerer", "--skip-serve-logs"],
}


def url(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.airflow_port}"


def folder_of(settings: Settings) -> Path:
    return settings.data / "airflow"


def environment(settings: Settings) -> dict[str, str]:
    spark = {"conn_type": "spark", "host": "local[*]", "extra": {"deploy-mode": "client"}}
    return {
        "AIRFLOW_HOME": str(folder_of(settings)),
        f"AIRFLOW_CONN_{ConnectionId.SPARK.upper()}": json.dumps(spark),
    }


def configuration(settings: Settings) -> dict[str, dict[str, object]]:
    """airflow.cfg by section: what differs from Airflow's own defaults."""
    folder, address = folder_of(settings), url(settings)
    secret = {
        name: secret_files.read(settings.data, f"airflow_{name}") for name in ("fernet_key", "jwt_secret", "secret_key")
    }
    return {
        "core": {
            "dags_folder": ROOT / "dags",
            "plugins_folder": ROOT / "plugins",
            "executor": "LocalExecutor",
            "parallelism": 8,
            "load_examples": False,
            "dags_are_paused_at_creation": False,
            "fernet_key": secret["fernet_key"],
            "execution_api_server_url": f"{address}/execution/",
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": folder / "passwords.json",
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{folder}/airflow.db?timeout={_LOCK_SECONDS}"},
        "logging": {"base_log_folder": folder / "logs", "delete_local_logs": False},
        "api": {
            "host": "127.0.0.1",
            "port": settings.airflow_port,
            "base_url": address,
            "workers": 1,
            "secret_key": secret["secret_key"],
            "instance_name": "Footfall",
        },
        "api_auth": {"jwt_secret": secret["jwt_secret"]},
        **_TIMING,
    }


# A killed part is noticed within seconds, a task starts in one; the defaults are made for large installations.
_TIMING: dict[str, dict[str, object]] = {
    "scheduler": {
        "scheduler_idle_sleep_time": 0.25,
        "task_instance_heartbeat_timeout": 20,
        "task_instance_heartbeat_timeout_detection_interval": 5,
        "orphaned_tasks_check_interval": 10,
        "scheduler_health_check_threshold": 15,
    },
    "workers": {"min_heartbeat_interval": 1},
    "triggerer": {"triggerer_health_check_threshold": 10, "job_heartbeat_sec": 2},
    "dag_processor": {"refresh_interval": 10, "min_file_process_interval": 10},
}


def as_text(sections: dict[str, dict[str, object]]) -> str:
    lines = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items()), ""]
    return "\n".join(lines)


def write_configuration(settings: Settings) -> None:
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    secret_files.write_private(folder / "airflow.cfg", as_text(configuration(settings)))
    password = secret_files.read(settings.data, "airflow_password")
    secret_files.write_private(folder / "passwords.json", json.dumps({USER: password}))


# the metadata database


def prepared_database(home: Path) -> Path:
    """The database that set-up made for this version of Airflow."""
    return home / "airflow" / f"{version('apache-airflow')}.db"


def prepare_database(home: Path) -> None:
    """Makes an empty metadata database with the pools, once a version: every new stack begins with a copy of it."""
    wanted = prepared_database(home)
    if wanted.exists():
        return
    folder = wanted.with_suffix(".new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _run(folder, "db", "migrate")
    _run(folder, "pools", "set", Pool.SPARK, str(SPARK_SLOTS), "Spark drivers on this machine")
    with closing(sqlite3.connect(folder / "airflow.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / "airflow.db").rename(wanted)
    shutil.rmtree(folder)


def place_database(settings: Settings) -> None:
    """Gives a new stack its metadata database, and brings an older one up to this version of Airflow."""
    folder = folder_of(settings)
    database, stamp = folder / "airflow.db", folder / "version"
    installed = version("apache-airflow")
    if not database.exists():
        shutil.copy(prepared_database(settings.home), database)
    elif stamp.read_text() != installed:
        _run(folder, "db", "migrate")
    stamp.write_text(installed)


def _run(home: Path, *words: str) -> None:
    """An airflow command in the Airflow of `home`; raises StackProblem with its last lines."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    own = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [_program(), *words],
        env=clean | own,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise StackProblem(f"airflow {' '.join(words)} failed:\n{(done.stdout + done.stderr)[-1_500:]}")


def _program() -> str:
    return str(Path(sys.executable).with_name("airflow"))


# its programs


def programs(settings: Settings) -> list[Program]:
    return [_component(name, settings) for name in COMPONENTS]


def _component(name: str, settings: Settings) -> Program:
    return Program(
        name=name,
        group=Group.AIRFLOW,
        command=[_program(), *_COMMANDS[name]],
        address=url(settings) if name == "airflow-api-server" else "",
        is_well=lambda: health(settings).get(_HEALTH[name], {}).get("status") == "healthy",
        # the scheduler would wait for a running job, which may as well end here: its batch is taken up at the next start
        stop_seconds=10,
    )


def health(settings: Settings) -> dict[str, dict[str, Any]]:
    """What the API server says of every component; empty while it does not answer."""
    try:
        answer = requests.get(f"{url(settings)}/api/v2/monitor/health", timeout=5)
        return dict(answer.json()) if answer.ok else {}
    except requests.RequestException:
        return {}


def warm_up(settings: Settings) -> None:
    """The first request loads the execution API: without this the first task would wait for it."""
    answers(f"{url(settings)}/execution/health")


def known_dags(settings: Settings) -> set[str]:
    """The DAGs that Airflow has read from the folder."""
    with closing(sqlite3.connect(f"file:{folder_of(settings)}/airflow.db?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT dag_id FROM dag WHERE is_stale = 0").fetchall()
    return {dag for (dag,) in rows}


def has_all_dags(settings: Settings) -> bool:
    return {str(dag) for dag in DagId} <= known_dags(settings)
