"""What became of the rejected messages of some hours: waiting, repaired or dropped. A rejected copy shares its arrival's fate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from contracts.books import Inbox, filed_pipelines, floods_pipeline, inboxes
from contracts.names import Collection

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fates:
    waiting: int = 0
    repaired: int = 0
    dropped: int = 0

    @property
    def known(self) -> int:
        return self.waiting + self.repaired + self.dropped


def read_fates(database: Database[Document], merchant: str, hours: Iterable[str]) -> Fates:
    """Of the shop's messages that are rejected in these hours (keys)."""
    found = read_inboxes(database, merchant, list(hours)).values()
    return Fates(*(sum(getattr(one, fate) for one in found) for fate in ("waiting", "repaired", "dropped")))


def read_inboxes(database: Database[Document], merchant: str, hours: Sequence[str]) -> dict[str, Inbox]:
    """What the error inbox holds of each hour, by its key."""
    if not hours:
        return {}
    failed = database[Collection.FAILED_EVENTS]
    filed = [row for stages in filed_pipelines(merchant, hours) for row in failed.aggregate(stages)]
    floods = database[Collection.ERROR_CAUSES].aggregate(floods_pipeline(merchant, hours))
    return inboxes(filed, floods, hours)
