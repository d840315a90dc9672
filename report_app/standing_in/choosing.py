"""Which database a request reads: the main one, or the newest proven backup while that one is away."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from backups.standing_in import StandIn, stand_in
from contracts.settings import Settings
from report_app.standing_in.main_database import MainDatabase, Presence
from report_app.standing_in.meanwhile import Meanwhile

log = logging.getLogger("report_app.standing_in")
_WAIT_MILLISECONDS = 1_000
_MOST_MILLISECONDS = 20_000
_LOOK_EVERY_SECONDS = 2.0
_NONE_FOR_SECONDS = 10.0


class Away(ConnectionFailure):
    """The main database is away, and there is no backup to read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown instead of the main database: the backup of `of`, since `away_since`."""

    of: datetime
    away_since: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """`shown` is null where it is the main database, which alone can be written to."""

    database: Database[dict[str, Any]]
    shown: Shown | None = None


class Choice:
    """One for a process, used by many threads."""

    def __init__(self, main: MainDatabase, settings: Settings) -> None:
        self.main, self.meanwhile = main, Meanwhile()
        self._settings = settings
        self._lock = threading.Lock()
        self._client: MongoClient[dict[str, Any]] | None = None
        self._newest: StandIn | None = None
        self._look_at = float("-inf")
        self._said = Presence.THERE

    def choose(self) -> Chosen:
        """Raises Away."""
        presence = self.main.presence()
        found = None if presence is Presence.THERE else self._stand_in()
        self._say(Presence.THERE if presence is Presence.EMPTY and found is None else presence)
        if found is not None:
            return Chosen(as_database(found), Shown(found.taken_at, self.main.since))
        if presence is Presence.AWAY:
            raise Away("The main database is away, and no backup can be read.")
        if presence is Presence.THERE and not self.meanwhile.is_empty:
            self.meanwhile.write(self.main.database)
        return Chosen(self.main.database)

    def look_anew(self) -> None:
        """The backup that was read has gone: the next one who asks looks for the newest."""
        self._look_at = float("-inf")

    def known(self) -> Shown | None:
        """What is shown, as far as it is known without waiting for anybody."""
        newest = self._newest
        if newest is None or self.main.known is Presence.THERE or self.main.presence() is Presence.THERE:
            return None
        return Shown(newest.taken_at, self.main.since)

    def _stand_in(self) -> StandIn | None:
        """The newest one, looked for at most once in some seconds."""
        with self._lock:
            if time.monotonic() >= self._look_at:
                self._newest = self._looked()
                self._look_at = time.monotonic() + (_LOOK_EVERY_SECONDS if self._newest else _NONE_FOR_SECONDS)
            return self._newest

    def _looked(self) -> StandIn | None:
        if self._client is None:
            self._client = MongoClient(
                self._settings.backup_mongo_uri,
                tz_aware=True,
                serverSelectionTimeoutMS=_WAIT_MILLISECONDS,
                connectTimeoutMS=_WAIT_MILLISECONDS,
                socketTimeoutMS=_MOST_MILLISECONDS,
                appname="report_app",
            )
        try:
            return stand_in(self._client, self._settings.database, self._newest)
        except PyMongoError as error:
            log.error("no backup can be read: %s", type(error).__name__)
            return None

    def _say(self, presence: Presence) -> None:
        if presence is not self._said:
            self._said = presence
            of = self._newest.taken_at.isoformat(timespec="seconds") if self._newest else "none"
            log.warning("main database: %s; backup: %s", presence.name.lower(), of)


def as_database(found: StandIn) -> Database[dict[str, Any]]:
    """Pages read it like one; what it has not, it refuses."""
    return cast(Database[dict[str, Any]], found)


def stands_in(database: object) -> StandIn | None:
    """The backup that is read as a database; None of the main database."""
    return database if isinstance(database, StandIn) else None
