"""The tasks of `maintain_airflow`. Imports are inside the tasks so that parsing a DAG stays light."""

import logging
from datetime import UTC, datetime

from airflow.sdk import get_current_context, task

from contracts.completeness import check_contracts
from contracts.names import Collection

log = logging.getLogger("footfall.airflow")
NOTE = "airflow_cleaned"
"""`_id` in `platform` of what the newest run removed: `run`, and a line of each task."""


@task
def clean_records() -> None:
    """Old records of runs, tasks, events and jobs."""
    from footfall_airflow import airflow_clean_up

    settings = check_contracts()
    before = airflow_clean_up.limit_of(settings, datetime.now(UTC))
    line = airflow_clean_up.records_line(airflow_clean_up.clean_records(settings, before))
    _say("records", f"{line}, from before {before:%Y-%m-%d %H:%M} UTC")


@task
def clean_logs() -> None:
    """Old logs of tasks, where they are files on this machine."""
    from pathlib import Path

    from airflow.configuration import conf

    from footfall_airflow import airflow_clean_up

    settings = check_contracts()
    before = airflow_clean_up.limit_of(settings, datetime.now(UTC))
    folder = Path(conf.get("logging", "base_log_folder"))
    _say("logs", airflow_clean_up.logs_line(airflow_clean_up.clean_logs(folder, before)))


def _say(part: str, line: str) -> None:
    """In the log, and for the note of the run."""
    from footfall_airflow.database import open_database

    log.info("Removed %s.", line)
    run = get_current_context()["dag_run"].run_id
    with open_database(check_contracts()) as database:
        platform = database[Collection.PLATFORM]
        platform.update_one({"_id": NOTE, "run": {"$ne": run}}, {"$set": {"run": run, "lines": {}}})
        platform.update_one({"_id": NOTE}, {"$set": {"run": run, f"lines.{part}": line}}, upsert=True)


def note_of(run: str) -> str | None:
    """One line about what the run removed, None where that is not known."""
    from contracts.settings import settings
    from footfall_airflow.database import open_database

    with open_database(settings(), 2.0) as database:
        found = database[Collection.PLATFORM].find_one({"_id": NOTE, "run": run})
    return f"Removed {' · '.join(found['lines'].values())}" if found else None
