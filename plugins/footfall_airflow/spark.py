"""Spark jobs as tasks: submitted through connection `spark_default`, as many at once as the pool `spark` has slots.

Memory, jars and the catalog's machines are Spark's own configuration (`spark-defaults.conf`), so the same code runs on
`local[*]`, `spark://…`, YARN or Kubernetes.
"""

import os
from pathlib import Path
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

import contracts
from contracts.names import ConnectionId, Job, Pool
from footfall_airflow.links import ReportsLink

ROOT = Path(contracts.__file__).parents[1]


class SparkJobOperator(SparkSubmitOperator):
    """Runs `spark_jobs/<job>/job.py` with `arguments` (option -> value) and the run's id.

    The provider turns a missing connection into `--master yarn`; here it fails, with the name of what is missing.
    """

    operator_extra_links = (ReportsLink(),)

    def __init__(self, *, job: Job, arguments: dict[str, Any], **options: Any) -> None:
        words = [word for option, value in arguments.items() for word in (f"--{option}", value)]
        super().__init__(
            application=str(ROOT / "spark_jobs" / job / "job.py"),
            application_args=[*words, "--run", "{{ run_id }}"],
            conn_id=ConnectionId.SPARK.value,
            pool=Pool.SPARK.value,
            name=f"footfall-{job}",
            env_vars={"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))},
            durable=False,
            **options,
        )
        self._job = job

    def execute(self, context: Any) -> None:
        from footfall_airflow.job_failures import newest_attempt

        _require_connection(ConnectionId.SPARK)
        words = self.application_args = [str(word) for word in self.application_args or ()]
        before = newest_attempt(int(words[1])) if self._job == Job.PROCESS_EVENTS else 0
        try:
            super().execute(context)
        except AirflowException:
            self._note_failure(context, before)
            raise

    def _note_failure(self, context: Any, before: float) -> None:
        """Counts a batch's failures that are not the world's; a half's run ends at once, so that fresh events go on."""
        from footfall_airflow.job_failures import note_failure

        submitted = self._hook._submit_sp if self._hook is not None else None
        if submitted is None or self._job != Job.PROCESS_EVENTS:
            return
        status = submitted.returncode
        words = list(self.application_args or ())
        if note_failure(int(words[1]), context["run_id"], status, before):
            raise AirflowFailException(f"The half failed (exit status {status}); a later run takes it over.")


def build_hour_reports(batch: Any) -> SparkJobOperator:
    """Archives the batch's messages and computes the hours they touched."""
    return SparkJobOperator(task_id="build_hour_reports", job=Job.PROCESS_EVENTS, arguments={"batch": batch})


def build_day_reports(round_: Any) -> SparkJobOperator:
    """Computes the days that are due."""
    return SparkJobOperator(task_id="build_day_reports", job=Job.BUILD_DAY_REPORTS, arguments={"round": round_})


def rebuild(batch: Any) -> SparkJobOperator:
    """Computes what the batch's requests name."""
    return SparkJobOperator(task_id="rebuild", job=Job.REBUILD_REPORTS, arguments={"batch": batch})


def rehearse(round_: Any) -> SparkJobOperator:
    """Computes what the rules that people ask about would change."""
    return SparkJobOperator(task_id="rehearse", job=Job.REHEARSE_REPAIRS, arguments={"round": round_})


def build_next_reports(round_: Any) -> SparkJobOperator:
    """Builds the reports of shops' next settings, and switches their readers."""
    return SparkJobOperator(task_id="build_reports", job=Job.CHANGE_SETTINGS, arguments={"round": round_})


def maintain(round_: Any) -> SparkJobOperator:
    """Compacts the archive, and in the long part of the night what else keeps it small."""
    return SparkJobOperator(task_id="compact", job=Job.MAINTAIN_ARCHIVE, arguments={"round": round_})


def catch_up(round_: Any) -> SparkJobOperator:
    """Makes again from the archive what a restored database lacks."""
    return SparkJobOperator(task_id="catch_up", job=Job.CATCH_UP_WITH_ARCHIVE, arguments={"round": round_})


def forget(round_: Any) -> SparkJobOperator:
    """Finds people who are to be forgotten, and erases them where the platform reads."""
    return SparkJobOperator(task_id="forget", job=Job.FORGET_PEOPLE, arguments={"round": round_})


def _require_connection(name: ConnectionId) -> None:
    try:
        BaseHook.get_connection(name)
    except AirflowNotFoundException as error:
        raise AirflowFailException(
            f"Connection {name!s} does not exist: create it (type spark, host local[*] or spark://host:7077), or set "
            f"AIRFLOW_CONN_{name.upper()}; then clear this task."
        ) from error
