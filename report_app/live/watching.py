"""Streams of those who watch their shop's messages: who is told what, twice a second at the most and only what is new."""

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask
from pymongo.errors import PyMongoError

from contracts.erasures import UnknownSecret
from contracts.names import Collection
from contracts.person_ids import ids_in_text
from contracts.settings import Settings, SettingsError
from report_app.arrivals.arrival import Arrival, Place
from report_app.arrivals.fates import Fate, first_fate, read_fates
from report_app.formats import Formats, known_locale
from report_app.live.follower import Follower, Watched
from report_app.live.readers import Door
from report_app.live.streams import Stream
from report_app.reading.erasures import kept_out
from report_app.reading.merchants import merchants_by_id
from report_app.shown.arrivals import shown_arrival

log = logging.getLogger("report_app.live")
MOST_WATCHERS = 50
WATCH_SECONDS = 900.0
_TROUBLE = b"event: trouble\ndata: {}\n\n"
OVER = b"event: over\ndata: {}\n\n"


class TooManyWatchers(Exception):
    """The process follows as many pages as it may."""


@dataclass(slots=True, eq=False)
class Watcher:
    """One page; `told` is what it knows of each message."""

    stream: Stream
    kind: str
    formats: Formats
    watched: Watched
    told: dict[Place, Fate] = field(default_factory=dict)
    has_begun: bool = False


class Watching:
    """Watchers come and go on the event loop; the follower's thread looks after them."""

    def __init__(self, app: Flask, door: Door, settings: Settings) -> None:
        self._template = app.jinja_env.get_template("parts/arrival.html")
        self._door = door
        self._settings = settings
        self._follower = Follower(settings.kafka_bootstrap, self._look)
        self._lock = threading.Lock()
        self._watchers: set[Watcher] = set()
        self._fates: dict[str, dict[Place, Fate]] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._follower.start()

    def stop(self) -> None:
        self._follower.stop()

    def formats_of(self, stream: Stream) -> Formats:
        """Those of the page's reader. Asks the database: called in a thread. Raises PyMongoError."""
        database = self._door.database()
        shop = merchants_by_id(database, [stream.merchant])[stream.merchant]
        user = database[Collection.USERS].find_one({"_id": stream.reader.email}, {"locale": 1}) or {}
        return Formats(known_locale(user.get("locale")), shop.zone, shop.currency)

    def begin(self, stream: Stream, kind: str, formats: Formats) -> Watcher:
        """Never waits, so that who begins also ends. Raises TooManyWatchers."""
        with self._lock:
            if len(self._watchers) >= MOST_WATCHERS:
                raise TooManyWatchers
            watcher = Watcher(stream, kind, formats, self._follower.watch(stream.merchant))
            self._watchers.add(watcher)
        return watcher

    def end(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.remove(watcher)
            self._follower.leave(watcher.watched)
            if not any(one.stream.merchant == watcher.stream.merchant for one in self._watchers):
                self._fates.pop(watcher.stream.merchant, None)

    def _look(self, topic_id: str) -> None:
        """In the follower's thread. What fails is tried again at the next look."""
        with self._lock:
            watchers = list(self._watchers)
        if not topic_id:
            for watcher in watchers:
                self._offer(watcher, _TROUBLE)
            return
        try:
            allowed = self._allowed(watchers)
            fates = {one.watched.merchant: self._fates_of(one.watched, topic_id) for one in allowed}
        except (PyMongoError, UnknownSecret, SettingsError) as error:
            log.error("messages cannot be shown: %s; %d watched streams end", type(error).__name__, len(watchers))
            for watcher in watchers:
                self._loop.call_soon_threadsafe(watcher.stream.over.set)
            return
        for watcher in allowed:
            self._tell(watcher, fates[watcher.watched.merchant])

    def _allowed(self, watchers: list[Watcher]) -> list[Watcher]:
        """Those whose session still holds and whose shop this still is; the others are over."""
        shops = self._door.shops({watcher.stream.reader for watcher in watchers})
        going_on = [one for one in watchers if one.stream.merchant in shops.get(one.stream.reader, ())]
        for watcher in set(watchers) - set(going_on):
            self._loop.call_soon_threadsafe(watcher.stream.over.set)
        return going_on

    def _fates_of(self, watched: Watched, topic_id: str) -> Mapping[Place, Fate]:
        """Of all that is kept of the shop; a fate that is final is not asked for again."""
        forgotten = kept_out(self._door.database(), self._settings, watched.merchant)
        if forgotten:
            watched.recent.leave_out(lambda one: forgotten.has(watched.merchant, ids_in_text(one.text)))
        known = self._fates.get(watched.merchant, {})
        arrivals = list(watched.recent.all())
        fates = {arrival.place: known.get(arrival.place) or first_fate(arrival) for arrival in arrivals}
        open_ = [arrival for arrival in arrivals if not fates[arrival.place].is_final]
        if open_:
            first = watched.recent.first_of_copies()
            fates |= read_fates(self._door.database(), watched.merchant, topic_id, open_, first)
        with self._lock:
            self._fates[watched.merchant] = fates
        return fates

    def _tell(self, watcher: Watcher, fates: Mapping[Place, Fate]) -> None:
        newest = watcher.watched.recent.newest(watcher.kind)
        changed = [one for one in newest if watcher.told.get(one.place) != fates[one.place]]
        if watcher.has_begun and not changed:
            return
        rows = [self._row(watcher, arrival, fates[arrival.place]) for arrival in reversed(changed)]
        watcher.has_begun = True
        watcher.told = {arrival.place: fates[arrival.place] for arrival in newest}
        self._offer(watcher, f"event: messages\ndata: {json.dumps(rows)}\n\n".encode())

    def _row(self, watcher: Watcher, arrival: Arrival, fate: Fate) -> dict[str, str]:
        shown = shown_arrival(arrival, fate, watcher.formats)
        return {"id": shown.id, "order": shown.order, "html": self._template.render(one=shown)}

    def _offer(self, watcher: Watcher, text: bytes) -> None:
        self._loop.call_soon_threadsafe(watcher.stream.offer, text)
