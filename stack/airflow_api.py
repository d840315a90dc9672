"""Airflow's REST API, as far as operators' commands, measurements and tests of this stack need it.

Source: https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from contracts.names import DagId
from contracts.settings import Settings
from stack import secret_files
from stack.parts import airflow

_TIMEOUT_SECONDS = 30
_RETRIES = Retry(total=5, backoff_factor=1, status_forcelist=(500, 502, 503, 504), allowed_methods=("GET", "PATCH"))
"""Of what may be asked twice: Airflow's API answers 500 where its database was locked for too long."""


class AirflowApi:
    """Signed in as the stack's admin; raises requests.HTTPError where Airflow refuses."""

    def __init__(self, settings: Settings) -> None:
        self._url = airflow.url(settings)
        account = {"username": airflow.USER, "password": secret_files.read(settings.data, "airflow_password")}
        answer = requests.post(f"{self._url}/auth/token", json=account, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        self._session = requests.Session()
        self._session.mount(self._url, HTTPAdapter(max_retries=_RETRIES))
        self._session.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def set_paused(self, dag: DagId, is_paused: bool) -> None:
        self._ask("PATCH", f"dags/{dag}", json={"is_paused": is_paused})

    def dag(self, dag: DagId) -> dict[str, Any]:
        """Its details; `doc_md` is the runbook."""
        return self._ask("GET", f"dags/{dag}/details")

    def runs(self, dag: DagId, most: int = 100) -> list[dict[str, Any]]:
        """Newest first."""
        found = self._ask("GET", f"dags/{dag}/dagRuns", params={"order_by": "-run_after", "limit": most})
        return list(found["dag_runs"])

    def run(self, dag: DagId, run: str) -> dict[str, Any]:
        return self._ask("GET", f"dags/{dag}/dagRuns/{run}")

    def tasks(self, dag: DagId, run: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run by task."""
        found = self._ask("GET", f"dags/{dag}/dagRuns/{run}/taskInstances")
        return {task["task_id"]: task for task in found["task_instances"]}

    def clear(self, dag: DagId, run: str) -> None:
        """All tasks of the run, so that it runs again."""
        self._ask("POST", f"dags/{dag}/dagRuns/{run}/clear", json={"dry_run": False})

    def trigger(self, dag: DagId) -> str:
        """Starts a run of its own; answers its id."""
        return str(self._ask("POST", f"dags/{dag}/dagRuns", json={"logical_date": None})["dag_run_id"])

    def dependencies(self, node: str) -> dict[str, Any]:
        """The asset graph around a node such as `dag:process_events`: its nodes and edges."""
        return self._ask("GET", "dependencies", kind="ui", params={"node_id": node})

    def _ask(self, method: str, path: str, kind: str = "api/v2", **options: Any) -> dict[str, Any]:
        answer = self._session.request(method, f"{self._url}/{kind}/{path}", timeout=_TIMEOUT_SECONDS, **options)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
