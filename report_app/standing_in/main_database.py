"""Whether the main database is there. Remembered, so that not each request waits for one that is away."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import Any

import pymongo
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.names import Collection
from contracts.restores import RESTORE, RestoreState
from contracts.settings import Settings

WAIT_MILLISECONDS = 2_000
"""So long one request waits for a database that is not there, until all of them know."""
_HEARTBEAT_MILLISECONDS = 2_000
_MOST_MILLISECONDS = 20_000
"""Of one answer: a server that hangs is away, too."""
LOOK_EVERY_SECONDS = 2.0
_REPLACING = {"_id": RESTORE, "state": RestoreState.RESTORING, "is_swapping": True}


class Presence(Enum):
    THERE = auto()
    AWAY = auto()
    EMPTY = auto()
    """It answers and has no shop, or a restore is putting its collections back: lost, or new."""


class MainDatabase:
    """The client watches its server in the background; nothing here waits for a server that it knows to be away."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._now = now
        self._losses = _Losses(now)
        self._lock = threading.Lock()
        self._presence, self._since, self._look_at = Presence.THERE, now(), float("-inf")
        client: MongoClient[dict[str, Any]] = MongoClient(
            settings.mongo_uri,
            tz_aware=True,
            serverSelectionTimeoutMS=WAIT_MILLISECONDS,
            connectTimeoutMS=WAIT_MILLISECONDS,
            heartbeatFrequencyMS=_HEARTBEAT_MILLISECONDS,
            socketTimeoutMS=_MOST_MILLISECONDS,
            event_listeners=[self._losses],
            appname="report_app",
        )
        self.database: Database[dict[str, Any]] = client[settings.database]

    @property
    def since(self) -> datetime:
        """Since when it is there, or is not."""
        return self._since

    @property
    def known(self) -> Presence:
        """What was found last; asks nobody."""
        return self._presence

    def presence(self) -> Presence:
        """Looks where that costs nothing or has to be: one request in some seconds, and at each change."""
        is_reachable = self.database.client.topology_description.has_writable_server()
        if not is_reachable and self._presence is Presence.AWAY:
            return Presence.AWAY
        if is_reachable and self._presence is Presence.THERE and time.monotonic() < self._look_at:
            return Presence.THERE
        if not self._lock.acquire(blocking=self._presence is Presence.THERE):
            return self._presence  # somebody else looks whether it is back
        try:
            if time.monotonic() >= self._look_at or (not is_reachable and self._presence is not Presence.AWAY):
                self._note(self._looked())
                self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
        finally:
            self._lock.release()
        return self._presence

    def _looked(self) -> Presence:
        try:
            with pymongo.timeout(WAIT_MILLISECONDS / 1000):
                is_replaced = self.database[Collection.BACKUPS].find_one(_REPLACING, {"_id": 1})
                has_shops = self.database[Collection.MERCHANTS].find_one({}, {"_id": 1})
        except PyMongoError:
            return Presence.AWAY
        return Presence.THERE if has_shops and not is_replaced else Presence.EMPTY

    def _note(self, found: Presence) -> None:
        if Presence.THERE in (found, self._presence) and found is not self._presence:
            lost_at = self._losses.lost_at if found is Presence.AWAY else None
            self._since = lost_at or self._now()
        self._presence = found


class _Losses(monitoring.TopologyListener):
    """When the server that can be written to was lost, also while nobody asks for a page."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lost_at: datetime | None = None

    def opened(self, event: monitoring.TopologyOpenedEvent) -> None:
        """Nothing is known yet."""

    def description_changed(self, event: monitoring.TopologyDescriptionChangedEvent) -> None:
        was, is_now = (one.has_writable_server() for one in (event.previous_description, event.new_description))
        if was != is_now:
            self.lost_at = self._now() if was else None

    def closed(self, event: monitoring.TopologyClosedEvent) -> None:
        """The process ends."""
