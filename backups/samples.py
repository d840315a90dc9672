"""A sample of merchants, restored where nobody reads but a rehearsal."""

import random
from typing import Any

from pymongo.database import Database

from backups.restoring import restore_merchant
from backups.store import Store, at
from contracts.backups import ROWS
from contracts.names import Collection

Document = dict[str, Any]
SUFFIX = "_rehearsal"


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


def restore_sample(store: Store, number: int, merchants: list[str]) -> Database[Document]:
    """A database on the backup server, made anew, with these merchants. Raises DamagedBackup."""
    scratch: Database[Document] = store.database.client[store.database.name + SUFFIX]
    scratch.client.drop_database(scratch.name)
    for merchant in merchants:
        restore_merchant(store, number, merchant, scratch, _silent)
    return scratch


def _silent(collection: str, done: int, of: int) -> None:
    pass
