"""The MongoDB that a job reads and writes."""

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from contracts.settings import Settings

Document = dict[str, Any]


def open_database(settings: Settings) -> Database[Document]:
    """The main database; times come back with their zone, writes wait for a majority's journal."""
    client: MongoClient[Document] = MongoClient(
        settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=10_000, appname="footfall-job"
    )
    return client.get_database(settings.database, write_concern=WriteConcern(w="majority", j=True))
