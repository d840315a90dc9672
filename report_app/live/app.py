"""The ASGI application: which address leads where, and a stream from its first words to its last.

The process also hears ready messages for webhooks, and posts them, in threads of their own.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from pymongo.errors import PyMongoError

from contracts.keys import KeyKind
from contracts.settings import Settings
from report_app import create_app
from report_app.access import log_stranger
from report_app.live.events import greeting, ready_event
from report_app.live.hub import Full, Hub, TooMany
from report_app.live.listening import Listener
from report_app.live.outbox import GROUP, Outbox
from report_app.live.readers import Door
from report_app.live.streams import Stream
from report_app.live.watching import OVER, WATCH_SECONDS, TooManyWatchers, Watching
from report_app.services import outside
from report_app.webhooks.courier import Courier, poster_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("report_app.live")
HEARTBEAT_SECONDS = 15.0
_TELL_SECONDS = 30.0
_LIVE = re.compile(r"/shops/([^/]+)/live")
_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"x-accel-buffering", b"no")]


class Refused(Exception):
    """The request ends here: (status, code, sentence)."""


class Live:
    """One process of streams. The server calls it for its life, and once a request."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        database = outside(app).main
        self._door = Door(app)
        self._hub = Hub(self._door, settings.live_streams, settings.live_streams_per_user)
        self._listener = Listener(settings.kafka_bootstrap, self._hear)
        self._outbox = Listener(settings.kafka_bootstrap, Outbox(database).hear, f"{GROUP}.{settings.database}")
        self._courier = Courier(database, settings.secrets_by_id(), poster_of(settings))
        self._watching = Watching(app, self._door, settings)
        self._check_seconds = settings.live_check_seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        except Refused as refused:
            await _answer(send, *refused.args)
        except PyMongoError as error:
            log.error("database away: %s", type(error).__name__)
            await _answer(send, 503, "unavailable", "The database is away.")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        for part in (self._listener, self._outbox, self._courier):
            part.start()
        self._watching.start(self._loop)
        checking = asyncio.create_task(self._hub.check_for_ever(self._check_seconds))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        checking.cancel()
        parts = (self._listener, self._outbox, self._courier, self._watching)
        await asyncio.gather(*(asyncio.to_thread(part.stop) for part in parts))
        await send({"type": "lifespan.shutdown.complete"})

    def _hear(self, value: bytes | None) -> None:
        """Called in the listener's thread; waits, so that the broker's pace is that of the streams."""
        ready = ready_event(value)
        if ready is None:
            log.warning("a message that is no ready message was left out")
            return
        try:
            asyncio.run_coroutine_threadsafe(self._hub.tell(ready), self._loop).result(_TELL_SECONDS)
        except TimeoutError:
            log.error("a ready message was not passed on in %.0f s", _TELL_SECONDS)

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        path = _LIVE.fullmatch(scope["path"])
        if scope["method"] not in ("GET", "HEAD"):
            raise Refused(405, "method_not_allowed", "Streams are read with GET.")
        if path:
            await self._stream(path[1], scope, receive, send)
        elif scope["path"] == "/health":
            await _answer(send, 200, "ok", "The process runs.")
        elif scope["path"] == "/ready":
            await self._ready(send)
        else:
            raise Refused(404, "not_found", "There is no such page.")

    async def _ready(self, send: Send) -> None:
        await asyncio.to_thread(self._door.ping)
        if not await asyncio.to_thread(self._listener.is_ready):
            raise Refused(503, "unavailable", "The broker does not answer.")
        await _answer(send, 200, "ready", "Database and broker answer.")

    async def _stream(self, merchant: str, scope: Message, receive: Receive, send: Send) -> None:
        reader = self._door.read(_cookie(scope))
        shops = (await asyncio.to_thread(self._door.shops, [reader])).get(reader) if reader else None
        if reader is None or shops is None:
            raise Refused(401, "not_signed_in", "Nobody is signed in.")
        if merchant not in shops or not await asyncio.to_thread(self._door.is_shop, merchant):
            log_stranger(reader.email, merchant)
            raise Refused(404, "not_found", "There is no such shop for this user.")
        try:
            stream = self._hub.open(reader, merchant)
        except TooMany:
            raise Refused(429, "too_many_streams", "This user has too many open pages.") from None
        except Full:
            raise Refused(503, "unavailable", "There are too many open pages.") from None
        try:
            await self._serve(stream, _watch_of(scope), receive, send)
        finally:
            self._hub.close(stream)

    async def _serve(self, stream: Stream, kind: str | None, receive: Receive, send: Send) -> None:
        """`kind` is that of the keys whose messages are watched, "" of all; None where they are not."""
        if kind is None:
            await _serve(stream, receive, send)
            return
        formats = await asyncio.to_thread(self._watching.formats_of, stream)
        try:
            watcher = self._watching.begin(stream, kind, formats)
        except TooManyWatchers:
            raise Refused(503, "unavailable", "Too many pages follow messages.") from None
        try:
            await _serve(stream, receive, send, WATCH_SECONDS)
        finally:
            self._watching.end(watcher)


async def _serve(stream: Stream, receive: Receive, send: Send, seconds: float | None = None) -> None:
    """Until the page has gone or the stream is over, or so many seconds have passed: then the page is told."""
    await send(_start(200, b"text/event-stream; charset=utf-8"))
    ends = [_pass_on(stream, send), _page_gone(receive), stream.over.wait()]
    tasks = [asyncio.create_task(end) for end in ends]
    try:
        ended, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not ended:
            tasks[0].cancel()
            await send({"type": "http.response.body", "body": OVER, "more_body": True})
    finally:
        for task in tasks:
            task.cancel()


async def _pass_on(stream: Stream, send: Send) -> None:
    text = greeting()
    while True:
        await send({"type": "http.response.body", "body": text, "more_body": True})
        text = await stream.take(HEARTBEAT_SECONDS)


async def _page_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _watch_of(scope: Message) -> str | None:
    """The kind of key after `watch=`; "" for all, None without it."""
    chosen = parse_qs(scope["query_string"].decode("latin-1")).get("watch")
    return None if chosen is None else chosen[0] if chosen[0] in set(KeyKind) else ""


def _cookie(scope: Message) -> str:
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")


def _start(status: int, kind: bytes) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [(b"content-type", kind), *_HEADERS]}


async def _answer(send: Send, status: int, code: str, sentence: str) -> None:
    content = {"code": code, "field": None, "sentence": sentence, "link": f"/api/errors#{code}"}
    await send(_start(status, b"application/json"))
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
