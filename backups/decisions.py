"""What only people made, in a line of generations of its own: a look every few minutes, and a generation where one differs."""

from typing import Any

from pymongo.database import Database

from backups.generations import begin, copy, refresh
from backups.proving import prove
from backups.rotating import rotate
from backups.store import Store
from contracts.backups import Generation


def copy_decisions(store: Store, database: Database[dict[str, Any]], run: str, shrink: float) -> Generation | None:
    """The new generation; None where nothing changed. Raises DamagedBackup and what `copy` raises."""
    if refresh(store, database):
        return None
    number = begin(store, database, run)
    copy(store, database, number, run)
    generation = prove(store, database, number, run, shrink)
    rotate(store)
    return generation
