"""A sample of merchants, restored where nobody reads but a rehearsal."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from backups.restoring import restore_merchant
from backups.scratch import clear_scratch, scratch_database
from backups.store import Store, at
from contracts.backups import ROWS
from contracts.names import Collection

Document = dict[str, Any]


def sample(store: Store, number: int, count: int) -> list[str]:
    """Merchants with reports, other ones in each generation."""
    rows, found = store.database[ROWS + Collection.CALENDAR], list[str]()
    merchants = [row["id"] for row in store.database[ROWS + Collection.MERCHANTS].find(at(number), {"id": 1})]
    random.Random(number).shuffle(merchants)  # noqa: S311 - a sample is no secret
    for merchant in merchants:
        if len(found) == count:
            break
        if rows.find_one({"merchant": merchant} | at(number), {"_id": 1}):
            found.append(merchant)
    return found


@contextmanager
def restored_sample(store: Store, number: int, merchants: list[str]) -> Iterator[Database[Document]]:
    """A database on the backup server with these merchants; it goes again, and so do those of killed rehearsals. Raises
    DamagedBackup.
    """
    clear_scratch(store)
    with scratch_database(store) as scratch:
        for merchant in merchants:
            restore_merchant(store, number, merchant, scratch, _silent)
        yield scratch


def _silent(collection: str, done: int, of: int) -> None:
    pass
