"""Old records of Airflow's own database, removed by Airflow's own command; and old logs of tasks."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.settings import Settings

TABLES = ("dag_run", "task_instance", "task_reschedule", "xcom", "log", "job", "asset_event", "import_error")
"""Not `trigger`: the watchers of assets live there for ever, and `db clean` goes by when they were made. Not `dag` and
`dag_version`, which stay few.
"""
ROWS_AT_ONCE = 500
"""In one transaction: SQLite has one writer, and Airflow waits for it."""
_TIMEOUT_SECONDS = 1_800
_OF_TASKS = "dag_id="
_OF_THE_PROCESSOR = "dag_processor"
_ADDRESSES = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_FOUND = re.compile(r"^Checking table (\w+)$|^Found (\d+) rows", re.MULTILINE)


class CleanUpFailed(RuntimeError):
    """Airflow's command failed; the message holds its last lines."""


@dataclass(slots=True)
class Logs:
    files: int = 0
    bytes: int = 0


def limit_of(settings: Settings, now: datetime) -> datetime:
    return now - timedelta(days=settings.airflow_keep_days)


def clean_records(settings: Settings, before: datetime) -> dict[str, int]:
    """Removes what is older; answers how many rows of which table. Raises CleanUpFailed."""
    command = [
        *(sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure"),
        *("--clean-before-timestamp", before.astimezone(UTC).isoformat()),
        *("--tables", ",".join(TABLES), "--batch-size", str(ROWS_AT_ONCE)),
    ]
    done = subprocess.run(
        command, env=_environment(settings), capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise CleanUpFailed(f"airflow db clean failed:\n{_without_passwords(done.stdout + done.stderr)[-2_000:]}")
    return {table: count for table, count in _counted(done.stdout) if count}


def _environment(settings: Settings) -> dict[str, str]:
    """A task's own environment says that the database is not for tasks; the command reads the address where programs do."""
    clean = {name: value for name, value in os.environ.items() if name not in _ADDRESSES}
    return clean | ({_ADDRESSES[0]: settings.airflow_database} if settings.airflow_database else {})


def _counted(said: str) -> Iterator[tuple[str, int]]:
    table = ""
    for found in _FOUND.finditer(said):
        if found[1]:
            table = found[1]
        else:
            yield table, int(found[2])


def _without_passwords(text: str) -> str:
    return re.sub(r"://[^\s/@]*@", "://***@", text)


def clean_logs(folder: Path, before: datetime) -> Logs:
    """Removes logs of tasks and of the DAG processor that nobody wrote to since, and folders of runs that are empty then."""
    done = Logs()
    for top in sorted(folder.iterdir()) if folder.is_dir() else ():
        if top.name.startswith(_OF_TASKS) or top.name == _OF_THE_PROCESSOR:
            _clean_below(top, before.timestamp(), done)
    return done


def _clean_below(top: Path, before: float, done: Logs) -> None:
    """Links are neither followed nor removed."""
    for place, _, names in os.walk(top, topdown=False):
        removed = [name for name in names if _remove_old(Path(place, name), before, done)]
        if Path(place) != top and (removed or not names) and not any(Path(place).iterdir()):
            Path(place).rmdir()


def _remove_old(file: Path, before: float, done: Logs) -> bool:
    found = file.lstat()
    if file.is_symlink() or found.st_mtime >= before:
        return False
    file.unlink()
    done.files += 1
    done.bytes += found.st_size
    return True


def records_line(counts: dict[str, int]) -> str:
    """`1,204 records: dag_run 12, log 1,192`"""
    total = sum(counts.values())
    tables = ", ".join(f"{table} {count:,}" for table, count in sorted(counts.items()))
    return f"{total:,} {'record' if total == 1 else 'records'}{': ' if tables else ''}{tables}"


def logs_line(logs: Logs) -> str:
    """`80 logs, 1.2 MB`"""
    return f"{logs.files:,} {'log' if logs.files == 1 else 'logs'}, {logs.bytes / 1_000_000:,.1f} MB"
