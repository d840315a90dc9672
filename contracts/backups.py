"""Backups: what stands in the backup database, and what is said of it.

A *generation* is the state of every collection at one instant of the main database. Documents are kept in *rows*, each with
the first generation that has it and the first one that does not; so a night adds what changed, and no generation replaces
another. Documents fall into *buckets* by a hash of their `_id`; a bucket's sum proves what is in it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypedDict

from contracts.names import Collection

BUCKETS: Final = 65_536
"""So many that a hundredth of a million documents changes a seventh of them: what is proven again stays in proportion, too."""
SHARES: Final = 7
"""Buckets that did not change are read again once in so many nights."""
STILL_THERE: Final = 2**62
"""`until` of a row whose document is in the newest generation."""
ROWS: Final = "rows."
"""Rows of collection `x` are in collection `rows.x` of the backup database."""


class BackupLine(StrEnum):
    """Two lines of generations that do not touch each other, each in a database of its own on the backup server."""

    NIGHTLY = "nightly"
    DECISIONS = "decisions"
    """What only people made, every five minutes."""


MADE_BY_PEOPLE: Final = frozenset(
    {
        Collection.MERCHANTS,
        Collection.USERS,
        Collection.REPAIR_RULES,
        Collection.AUDIT,
        Collection.WEBHOOKS,
        Collection.FX_RATES,
        Collection.SESSIONS,
        Collection.ERASURES,
    }
)
NOT_COPIED: Final = frozenset({Collection.BACKUPS, Collection.EXPORTS})
RESTORING: Final = "restoring."
"""A collection is restored beside the one it replaces, under this name before its own."""
SEEN: Final = "seen"
"""`_id` in the main database's `backups` of what `watch_promises` saw last, a `Seen`."""


class BackupState(StrEnum):
    COPYING = "copying"
    """Begun; nobody reads it, and the next one clears it away."""
    COPIED = "copied"
    WHOLE = "whole"
    """Proven against the main database: a restore takes the newest of these."""
    DAMAGED = "damaged"
    DOUBTFUL = "doubtful"
    """Proven, but empty or much smaller than the whole one before: a person must accept it."""


COMPLETE: Final = (BackupState.COPIED, BackupState.WHOLE, BackupState.DAMAGED, BackupState.DOUBTFUL)


class Generation(TypedDict, total=False):
    """A document of `generations`; `_id` counts up and is never given twice.

    snapshot: cluster time (a BSON timestamp) of the main database that it shows; taken_at: the same as a time. sources: the
    collections to copy.
    base: the generation it was made from, or null. share: which seventh of the buckets it proves again.
    documents, bytes: what is in it. read, written: documents read from the main database, rows written.
    doubts, findings: sentences; damaged: (collection, bucket) pairs. copied_seconds: from the snapshot to the end of the copy.
    confirmed_at: until when nothing had changed since. accepted_by: who accepted a doubtful one.
    """

    _id: int
    state: str
    run: str
    token: str
    sources: list[Mapping[str, Any]]
    snapshot: Any
    taken_at: datetime
    confirmed_at: datetime
    base: int | None
    share: int
    documents: int
    bytes: int
    read: int
    written: int
    window_seconds: int
    copied_seconds: float
    verified_at: datetime
    doubts: list[str]
    findings: list[str]
    damaged: list[list[Any]]
    accepted_by: str


class Manifest(TypedDict):
    """What a generation has of one collection; `_id` is `<generation>/<collection>`.

    uuid: the server's own id of the collection; another one means another collection of the same name. options and indexes:
    the server's, as canonical extended JSON. sum: of all documents' hashes. changed: buckets that are not those of the generation before.
    """

    _id: str
    generation: int
    collection: str
    uuid: bytes
    options: str
    indexes: str
    buckets: int
    sum: bytes
    documents: int
    bytes: int
    changed: list[int]


class SeenLine(TypedDict):
    """until: the newest whole generation shows this, or nothing had changed since; null before the first. generations: how
    many whole ones there are. broken: what `watch_promises` says of it, else empty."""

    until: datetime | None
    documents: int
    generations: int
    broken: str


class Seen(TypedDict):
    """The state of the backups as `watch_promises` saw it last; `lines` by the name of the line."""

    _id: str
    at: datetime
    lines: Mapping[str, SeenLine]


def database_of(line: BackupLine, database: str) -> str:
    """Name of the line's database on the backup server, beside the main database's `database`."""
    return database if line is BackupLine.NIGHTLY else f"{database}_{line}"


def is_copied(line: BackupLine, collection: str) -> bool:
    """Whether the line keeps a collection of the main database."""
    if line is BackupLine.DECISIONS:
        return collection in MADE_BY_PEOPLE
    return collection not in NOT_COPIED and not collection.startswith(("system.", RESTORING))
