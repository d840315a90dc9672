"""The MongoDB that holds the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from contracts.settings import Settings

Document = dict[str, Any]


def connect(settings: Settings, wait_seconds: float = 10.0) -> Database[Document]:
    """Times come back with their zone, writes wait for a majority's journal; raises after `wait_seconds` without a server."""
    client: MongoClient[Document] = MongoClient(
        settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=int(wait_seconds * 1000), appname="footfall-airflow"
    )
    return client.get_database(settings.database, write_concern=WriteConcern(w="majority", j=True))


@contextmanager
def open_database(settings: Settings, wait_seconds: float = 10.0) -> Iterator[Database[Document]]:
    """For one question: nothing outlives a fork of Airflow's."""
    database = connect(settings, wait_seconds)
    try:
        yield database
    finally:
        database.client.close()
