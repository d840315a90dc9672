"""What one process keeps to itself while nothing can be written: attempts to sign in, and sessions that were ended."""

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from report_app import sessions

_MOST = 100_000


class Meanwhile:
    """Used by many threads. Attempts are forgotten with their window; ended sessions are written when they can be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._ended: dict[str, datetime] = {}

    def counted(self, subject: str, now: datetime, window: timedelta) -> int:
        """Counts one more of `subject`; the window begins with the first."""
        with self._lock:
            count, until = self._counts.get(subject, (0, now + window))
            count, until = (count, until) if now < until else (0, now + window)
            self._counts[subject] = count + 1, until
            if len(self._counts) > _MOST:
                self._counts = {name: kept for name, kept in self._counts.items() if now < kept[1]}
            return count + 1

    def forget(self, subjects: Iterable[str], now: datetime) -> None:
        with self._lock:
            for subject in subjects:
                self._counts.pop(subject, None)

    def end(self, session_id: str, now: datetime) -> None:
        """Of a session without an id there is nothing to keep."""
        if session_id:
            with self._lock:
                self._ended[session_id] = now

    def has_ended(self, session_id: str) -> bool:
        return session_id in self._ended

    def write(self, database: Database[dict[str, Any]]) -> None:
        """Raises PyMongoError, and then all of it is still to be written."""
        with self._lock:
            for session_id, ended_at in self._ended.items():
                sessions.end(database, session_id, ended_at)
            self._ended.clear()

    @property
    def is_empty(self) -> bool:
        return not self._ended
