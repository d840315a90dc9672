"""Facts about the platform that stand in every receipt."""

from pymongo.database import Database

from contracts.names import Collection
from spark_jobs.database import Document


def archive_epoch(database: Database[Document]) -> int:
    """Raised whenever the archive is restored; 1 in one that never was."""
    return _number(database, "archive", "epoch", 1)


def rates_version(database: Database[Document]) -> int:
    """Raised whenever rates of exchange are loaded; 0 before the first."""
    return _number(database, "rates", "version", 0)


def _number(database: Database[Document], id_: str, name: str, default: int) -> int:
    found = database[Collection.PLATFORM].find_one({"_id": id_}, {name: 1})
    return default if found is None else int(found.get(name, default))
