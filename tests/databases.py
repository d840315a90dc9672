"""A database that is one test's, or one module's, alone."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database


@contextmanager
def own_database(uri: str, name: str) -> Iterator[Database[dict[str, Any]]]:
    """An empty database whose name begins with `name`; gone afterwards."""
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        database = client[f"{name}_{uuid.uuid4().hex[:12]}"]
        yield database
        client.drop_database(database.name)
