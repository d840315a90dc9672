"""A database that is put back from a backup: what waits meanwhile, and the round that brings it into step with the archive."""

from pymongo.database import Database

from contracts.names import Collection
from contracts.restores import RESTORE, UNDER_WAY, RestoreState
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import Clock, utc_now


def require_no_restore(database: Database[Document]) -> None:
    """Raises NothingToDo while the database is put back."""
    if is_under_way(database):
        raise NothingToDo(
            "The database is being restored from a backup: everything goes on by itself when it has caught up with the archive."
        )


def is_under_way(database: Database[Document]) -> bool:
    return database[Collection.BACKUPS].find_one(dict(UNDER_WAY), {"_id": 1}) is not None


def has_restored(database: Database[Document]) -> bool:
    """Whether a database was put back and lacks what the archive has beyond the backup."""
    query = {"_id": RESTORE, "state": RestoreState.RESTORED}
    return database[Collection.BACKUPS].find_one(query, {"_id": 1}) is not None


def plan_catch_up(ledger: Ledger, database: Database[Document], run: str, now: Clock = utc_now) -> Document:
    """The run's round. Raises NothingToDo where nothing was restored."""
    if entry := ledger.take(run, now()):
        return entry
    if not has_restored(database):
        raise NothingToDo("No database was restored that has not caught up with the archive.")
    return ledger.plan(run, now(), prefix="restores-")
