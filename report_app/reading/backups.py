"""The backups as `watch_promises` saw them last."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.database import Database

from contracts.backups import SEEN, BackupLine
from contracts.names import Collection
from contracts.promises import STALE
from report_app.standing_in.choosing import stands_in


class BackupHealth(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BackupView:
    """until: up to when everything, and what only people made, is in a proven backup; null before the first."""

    health: BackupHealth
    until: datetime | None = None
    decisions_until: datetime | None = None
    generations: int = 0
    seen_at: datetime | None = None


def read_backups(database: Database[dict[str, Any]], now: datetime) -> BackupView:
    """Of a backup that is shown itself: what it and its decisions show; how the others are, nobody looks at."""
    if shown := stands_in(database):
        decisions = shown.decisions.taken_at if shown.decisions else None
        return BackupView(BackupHealth.UNKNOWN, shown.taken_at, decisions)
    seen = database[Collection.BACKUPS].find_one({"_id": SEEN})
    if seen is None:
        return BackupView(BackupHealth.UNKNOWN)
    nightly, decisions = seen["lines"][BackupLine.NIGHTLY], seen["lines"][BackupLine.DECISIONS]
    health = BackupHealth.BROKEN if nightly["broken"] or decisions["broken"] else BackupHealth.KEPT
    return BackupView(
        health=BackupHealth.UNKNOWN if now - seen["at"] > STALE else health,
        until=nightly["until"],
        decisions_until=decisions["until"],
        generations=nightly["generations"],
        seen_at=seen["at"],
    )
