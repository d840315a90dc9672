"""The tasks of `back_up_databases` and `back_up_decisions`. Imports are inside the tasks so that parsing a DAG stays light."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from contracts.backups import BackupLine, Generation
from contracts.completeness import check_contracts
from contracts.settings import settings

if TYPE_CHECKING:
    from pymongo.database import Database

    from backups.store import Store

log = logging.getLogger("footfall.backups")


@task
def snapshot() -> int:
    """The number of a new generation; fixes the instant that it shows."""
    from backups.generations import begin

    with _opened(BackupLine.NIGHTLY) as work:
        number = begin(work.store, work.database, work.run)
        log.info(
            "Generation %d shows %s.", number, f"{work.store.generation(number)['taken_at']:%Y-%m-%d %H:%M:%S} UTC"
        )
    return number


@task
def copy(generation: int) -> int:
    """Copies what changed since the generation before."""
    from backups import generations

    with _opened(BackupLine.NIGHTLY) as work:
        log.info("%s", _summary(generations.copy(work.store, work.database, generation, work.run)))
    return generation


@task
def verify(generation: int) -> int:
    """Proves the copy against the main database; fails where it is damaged or doubtful."""
    from backups.proving import prove

    with _opened(BackupLine.NIGHTLY) as work:
        prove(work.store, work.database, generation, work.run, settings().backup_shrink_share)
        log.info("Generation %d is whole.", generation)
    return generation


@task
def rotate(generation: int) -> int:
    """Removes what is not kept: generations and dumps."""
    from backups import rotating
    from backups.dumps import rotate_dumps

    with _opened(BackupLine.NIGHTLY) as work:
        gone = rotating.rotate(work.store)
        dumps = rotate_dumps(Path(settings().dump_folder))
        log.info("Removed the generations %s and the dumps %s.", gone, [path.name for path in dumps])
    return generation


@task
def dump(generation: int) -> str:
    """Once a week the generation as files that `mongorestore` reads; skipped on the other days."""
    from backups.dumps import is_due, write_dump

    folder = Path(settings().dump_folder)
    if not is_due(folder, datetime.now(UTC)):
        raise AirflowSkipException("The newest dump is less than a week old.")
    with _opened(BackupLine.NIGHTLY) as work:
        path = write_dump(work.store, work.store.generation(generation), folder, settings().database)
        log.info("Wrote %s and read it back.", path)
    return path.name


@task
def rehearse_restore(generation: int) -> str:
    """Restores some merchants into a scratch database and reads them with the report app's code."""
    from footfall_airflow.restore_rehearsals import rehearse

    with _opened(BackupLine.NIGHTLY) as work:
        said = rehearse(work.store, settings(), generation)
        log.info("%s", said)
    return said


@task
def copy_decisions() -> int | None:
    """A generation of what only people made, where any of it changed; answers its number."""
    from backups import decisions

    with _opened(BackupLine.DECISIONS) as work:
        made = decisions.copy_decisions(work.store, work.database, work.run, settings().backup_shrink_share)
        log.info("%s", _summary(made) if made else "Nothing changed since the newest generation.")
    return made["_id"] if made else None


def _summary(generation: Generation) -> str:
    return (
        f"Generation {generation['_id']}: {generation['documents']:,} documents, {generation['read']:,} read, "
        f"{generation['written']:,} rows written; done {generation['copied_seconds']:.0f} s after its instant, "
        f"which the database keeps for {generation['window_seconds']} s."
    )


@dataclass(frozen=True, slots=True)
class _Work:
    store: "Store"
    database: "Database[dict[str, Any]]"
    run: str


@contextmanager
def _opened(line: BackupLine) -> "Iterator[_Work]":
    """Both servers and the id of the run. What is damaged fails the run at once: trying again does not mend it. A database
    that is being restored is not copied: the run ends as skipped.
    """
    from backups.problems import DamagedBackup
    from backups.store import open_store
    from footfall_airflow.database import open_database
    from footfall_airflow.restored import is_under_way

    check_contracts()
    run = f"{get_current_context()['run_id']}"
    try:
        with open_database(settings()) as database, open_store(settings(), line) as store:
            if is_under_way(database):
                raise AirflowSkipException("The database is being restored from a backup.")
            yield _Work(store, database, run)
    except DamagedBackup as damage:
        raise AirflowFailException(str(damage)) from damage
