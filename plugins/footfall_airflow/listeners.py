"""When a run ends, however it ends, its lease ends, and its note says what it did.

Airflow calls these where the state changes: in the scheduler, or in the API server when an analyst sets it. So they wait
for MongoDB two seconds at most; without an answer the lease runs out by itself.
"""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from contracts.names import DagId
from contracts.settings import settings
from footfall_airflow.clean_up_tasks import note_of

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

log = logging.getLogger("footfall.listeners")

_WAIT_SECONDS = 2.0
_OURS = {str(dag) for dag in DagId} - {str(DagId.WATCH_PROMISES), str(DagId.MAINTAIN_AIRFLOW)}
"""DAGs whose runs own an entry of the ledger."""


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:
    _end(dag_run, is_failed=False)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:
    _end(dag_run, is_failed=True)


def _end(dag_run: "DagRun", is_failed: bool) -> None:
    if dag_run.dag_id not in _OURS and dag_run.dag_id != DagId.MAINTAIN_AIRFLOW:
        return
    try:
        if dag_run.dag_id == DagId.MAINTAIN_AIRFLOW:
            note = note_of(dag_run.run_id)
        else:
            note = release(DagId(dag_run.dag_id), dag_run.run_id, is_failed)
    except Exception as error:
        log.warning("Run %s has no note, and a lease of it runs out by itself: %r", dag_run.run_id, error)
        return
    if note:
        dag_run.note = note


def release(dag: DagId, run: str, is_failed: bool) -> str | None:
    """Ends the run's lease; answers one line about its entry, None where it has none."""
    from footfall_airflow.database import open_database
    from footfall_airflow.ledger import Ledger
    from footfall_airflow.summaries import summary

    with open_database(settings(), _WAIT_SECONDS) as database:
        ledger = Ledger(database, dag, settings().lease_seconds)
        ledger.release(run, datetime.now(UTC), is_failed)
        entry = ledger.entry_of(run)
        return summary(entry) if entry else None
