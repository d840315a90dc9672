"""Databases for rehearsals, beside a line's own: held while they are used, so that what a killed rehearsal left can be told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pymongo.database import Database

from backups.alone import alone
from backups.store import HOLDERS, Store

Document = dict[str, Any]
_SUFFIX = "_rehearsal"
_HOLDER = "scratch/"


@contextmanager
def scratch_database(store: Store) -> Iterator[Database[Document]]:
    """One that has nothing, on the backup server; it goes again, whatever happens."""
    name = f"{store.database.name}{_SUFFIX}_{uuid4().hex[:8]}"
    with alone(store, _HOLDER + name):
        try:
            yield store.database.client[name]
        finally:
            store.database.client.drop_database(name)


def clear_scratch(store: Store) -> list[str]:
    """Drops those that nobody uses any more, and answers the names of the others. One may be used and not be there yet."""
    ours = re.compile(rf"{re.escape(store.database.name)}{_SUFFIX}(_[0-9a-f]{{8}})?")
    # first what is there: whoever makes one holds it before that
    there = [name for name in store.database.client.list_database_names() if ours.fullmatch(name)]
    now, holders = store.now(), store.database[HOLDERS]
    used = {one["_id"].removeprefix(_HOLDER) for one in holders.find(_held() | {"expires_at": {"$gte": now}})}
    for name in there:
        if name not in used:
            store.database.client.drop_database(name)
    holders.delete_many(_held() | {"expires_at": {"$lt": now}})
    return sorted(used)


def _held() -> Document:
    return {"_id": {"$regex": f"^{_HOLDER}"}}
