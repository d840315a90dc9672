"""One process that serves an app until it is told to stop; told to reload, it goes on with a new one."""

import asyncio
import logging
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from signal import SIGHUP, SIGINT, SIGTERM
from time import time
from typing import cast

from collector.answers import unavailable
from collector.log import log
from collector.serving.app import App
from collector.serving.connection import Connection
from contracts.settings import Settings

MAX_CONNECTIONS = 4_096
_TURNED_AWAY_AT_ONCE = 32
_OTHER_FILES = 96 + _TURNED_AWAY_AT_ONCE
"""Files and connections of the process that are not among the clients'."""
_BACKLOG = 1_024
_TICK_SECONDS = 0.5
_GRACE_SECONDS = 1.0
"""For what is on its way when the server stops: it is still answered, and told that the connection ends."""
_FULL = unavailable("The collector has as many connections as it can.")

AppOf = Callable[[], App]
"""Makes an app from the settings as they are then; raises one of `not_reloaded` where they do not hold."""


class Server:
    """`run` once. What connections read of it is in `collector.serving.connection.Serving`."""

    def __init__(self, app_of: AppOf, settings: Settings, not_reloaded: tuple[type[Exception], ...] = ()) -> None:
        self.connections: set[Connection] = set()
        self.patience = settings.slow_client_seconds
        self.is_draining = False
        self.unread_bytes = 0
        self._turned_away: set[_TurnedAway] = set()
        self.app = app_of()
        self._app_of = app_of
        self._not_reloaded = not_reloaded
        self._host, self._port = settings.collector_host, settings.collector_port
        self._answer_seconds = settings.delivery_timeout_seconds + _GRACE_SECONDS
        self._most = _connections_allowed()
        self._stop = asyncio.Event()
        self._reloading: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until SIGTERM or SIGINT, and until what is under way then has its answer. Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._tick(loop)
        await asyncio.to_thread(self.app.open, loop)
        for number in (SIGTERM, SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(SIGHUP, self._reload)
        listening = await loop.create_server(self._connection, self._host, self._port, backlog=_BACKLOG)
        await self._stop.wait()
        self.is_draining = True
        await self._until_no_connections(_GRACE_SECONDS, lambda: None)
        listening.close()
        await self._until_no_connections(self._answer_seconds, self._end_others)
        await asyncio.to_thread(self.app.close)

    def _connection(self) -> asyncio.Protocol:
        if len(self.connections) < self._most:
            return Connection(self)
        return _TurnedAway(self.date_line, self._turned_away)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        self.date_line = f"date: {formatdate(time(), usegmt=True)}\r\n".encode()
        for connection in [one for one in self.connections if one.deadline < self.now]:
            connection.end_patience()
        loop.call_later(_TICK_SECONDS, self._tick, loop)

    async def _until_no_connections(self, seconds: float, end: Callable[[], None]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.connections:
                    end()
                    await asyncio.sleep(0.02)

    def _end_others(self) -> None:
        for connection in list(self.connections):
            connection.end_unless_answering()

    def _reload(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.ensure_future(self._take_settings_anew())

    async def _take_settings_anew(self) -> None:
        """Settings that do not hold change nothing. What the old app has taken is answered by it."""
        try:
            new = self._app_of()
        except self._not_reloaded as problem:
            log("not_reloaded", logging.ERROR, why=str(problem))
            return
        log("reloads")
        await asyncio.to_thread(new.open, asyncio.get_running_loop())
        old, self.app = self.app, new
        await asyncio.to_thread(old.close)


class _TurnedAway(asyncio.Protocol):
    """One connection too many: it is told so, and has a moment to hear it before it is closed."""

    def __init__(self, date_line: bytes, others: set["_TurnedAway"]) -> None:
        self._date_line = date_line
        self._others = others

    def connection_made(self, made: asyncio.BaseTransport) -> None:
        # uvloop's own are not derived from it
        transport = cast(asyncio.Transport, made)
        transport.write(_FULL.written(self._date_line, ends=True))
        if len(self._others) >= _TURNED_AWAY_AT_ONCE:
            transport.close()
            return
        self._others.add(self)
        transport.write_eof()
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, transport.abort)

    def connection_lost(self, _: Exception | None) -> None:
        self._others.discard(self)


def _connections_allowed() -> int:
    """As many as the system lets a process have open files, which is raised as far as it may be."""
    most, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + _OTHER_FILES
    if most != resource.RLIM_INFINITY and most < wanted:
        most = wanted if highest == resource.RLIM_INFINITY else min(highest, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, highest))
    return min(MAX_CONNECTIONS, (sys.maxsize if most == resource.RLIM_INFINITY else most) - _OTHER_FILES)
