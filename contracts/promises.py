"""Promises that `watch_promises` looks after; one document of `promises` for each one that broke or is in doubt."""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict


class CheckName(StrEnum):
    BACKUPS = "backups"
    BOOKS = "books"
    FRESHNESS = "freshness"
    LAG = "lag"
    REBUILDS = "rebuilds"


class PromiseState(StrEnum):
    """Awaited: it cannot be told yet, and is looked at again. A promise that is kept and never broke has no document."""

    AWAITED = "awaited"
    BROKEN = "broken"
    MENDED = "mended"


class Promise(TypedDict):
    """`_id` is `<check>/<subject>`. `since`: when it broke last (awaited: since when it is in doubt); `last`: when it was
    last seen so; `mended_at`: None while it is broken.
    """

    _id: str
    check: str
    subject: str
    state: str
    sentence: str
    since: datetime
    last: datetime
    mended_at: datetime | None
