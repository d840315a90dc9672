"""What became of the rejected messages of some hours: waiting, repaired or dropped. A rejected copy shares its arrival's fate."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo.database import Database

from contracts.books import Fates, added, fates_by_hour, filed_pipelines, floods_pipeline
from contracts.names import Collection

Document = dict[str, Any]


def read_fates(database: Database[Document], merchant: str, hours: Iterable[str]) -> Fates:
    """Of the shop's messages that are rejected in these hours (keys)."""
    return added(Fates, read_fates_by_hour(database, merchant, list(hours)).values())


def read_fates_by_hour(database: Database[Document], merchant: str, hours: Sequence[str]) -> dict[str, Fates]:
    """What the error inbox holds of each hour, by its key."""
    if not hours:
        return {}
    failed = database[Collection.FAILED_EVENTS]
    filed = [row for stages in filed_pipelines(merchant, hours) for row in failed.aggregate(stages)]
    floods = database[Collection.ERROR_CAUSES].aggregate(floods_pipeline(merchant, hours))
    return fates_by_hour(filed, floods, hours)
