"""Limits on sign-in attempts and on requests, counted in the database so that all instances share them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.names import Collection

WINDOW = timedelta(minutes=15)
MOST_BY_ADDRESS_AND_EMAIL = 10
MOST_BY_EMAIL = 100
MOST_BY_ADDRESS = 200


def ensure_index(database: Database[dict[str, Any]]) -> None:
    """Counters vanish by themselves when their window is over."""
    database[Collection.SIGN_IN_ATTEMPTS].create_index("expires_at", expireAfterSeconds=0)


class Counter(Protocol):
    """Counts by subject and window."""

    def counted(self, subject: str, now: datetime, window: timedelta) -> int: ...

    def forget(self, subjects: Iterable[str], now: datetime) -> None: ...


class Counts:
    """In the database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def counted(self, subject: str, now: datetime, window: timedelta) -> int:
        return counted(self._database, subject, now, window)

    def forget(self, subjects: Iterable[str], now: datetime) -> None:
        ids = [_id(subject, now) for subject in subjects]
        self._database[Collection.SIGN_IN_ATTEMPTS].delete_many({"_id": {"$in": ids}})


def is_allowed(counts: Counter, address: str, email: str, now: datetime) -> bool:
    """Counts this attempt, before the password is looked at, and says whether it may go on."""
    limits = (
        (f"both/{address}/{email}", MOST_BY_ADDRESS_AND_EMAIL),
        (f"email/{email}", MOST_BY_EMAIL),
        (f"address/{address}", MOST_BY_ADDRESS),
    )
    found = [(counts.counted(subject, now, WINDOW), most) for subject, most in limits]
    return all(count <= most for count, most in found)


def forget(counts: Counter, address: str, email: str, now: datetime) -> None:
    """A successful sign-in clears its own counters."""
    counts.forget((f"both/{address}/{email}", f"email/{email}"), now)


def counted(database: Database[dict[str, Any]], subject: str, now: datetime, window: timedelta = WINDOW) -> int:
    """Counts one more of `subject` in the window that holds `now`; answers how many there are."""
    document = database[Collection.SIGN_IN_ATTEMPTS].find_one_and_update(
        {"_id": _id(subject, now, window)},
        {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": now + window}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(document["count"]) if document else 0


def _id(subject: str, now: datetime, window: timedelta = WINDOW) -> str:
    number = int(now.timestamp() // window.total_seconds())
    return f"{hashlib.sha256(subject.encode()).hexdigest()[:32]}/{number}"
