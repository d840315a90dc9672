"""One client's connection: its requests are answered in their order, for as long as there is patience."""

import asyncio
import logging
import math
from collections import deque
from traceback import format_tb
from typing import Protocol, cast

from collector.answers import NOT_HTTP, Answer, Refused, unavailable
from collector.log import log
from collector.serving.app import App
from collector.serving.reader import Reader
from collector.serving.request import Request

REQUESTS_AHEAD = 64
"""So many requests may wait for the answer to the one before them; a client that sends more is hung up on after those."""
UNREAD_BYTES = 16 * 1024 * 1024
"""What all clients together may have sent ahead of an answer, beside requests that are read; who passes it is hung up on."""
LINGER_SECONDS, LINGER_BYTES = 5.0, 16 * 1024 * 1024
"""How long, and for how much, a client that is answered before its body is there may go on sending it: hung up on at once,
many would not read the answer.
"""
_FAILED = unavailable("The collector failed on this request.")


class Serving(Protocol):
    """What connections share. `now` is a clock in seconds that ticks twice a second."""

    app: App
    now: float
    patience: float
    date_line: bytes
    is_draining: bool
    unread_bytes: int
    connections: "set[Connection]"


class Connection(asyncio.Protocol):
    """`deadline` is when the server's patience ends, on its clock."""

    def __init__(self, server: Serving) -> None:
        self.deadline = server.now + server.patience
        self._server = server
        self._answering: Request | None = None
        self._ahead: deque[Request] = deque()
        self._unread: list[bytes] = []
        self._is_full = False
        self._is_deaf = False
        self._sends_no_more = False
        self._lingered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport | None = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._reader = Reader(self, peer[0] if isinstance(peer, tuple) else "", self._answered)
        self._server.connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)
        self._take_unread()
        self._let_go()

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._lingered += len(data)
            if self._lingered > LINGER_BYTES:
                self._hang_up()
        elif self._transport is not None and self._is_busy() and not self._reader.is_in_request:
            self._unread.append(data)
            self._server.unread_bytes += len(data)
            self._transport.pause_reading()
            if self._server.unread_bytes > UNREAD_BYTES:
                self._hang_up()
        else:
            self._read(data)

    def eof_received(self) -> bool:
        """Who only says that nothing more will come is still answered."""
        self._sends_no_more = True
        return self._is_busy() or bool(self._ahead or self._unread)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._go_on()

    def end_patience(self) -> None:
        """Called when the deadline has passed."""
        request = self._reader.unfinished
        if request is not None and not self._is_busy() and not self._is_deaf:
            self._reader.unfinished = None
            self._server.app.too_slow(self._begin(request))
        else:
            self._hang_up()

    def end_unless_answering(self) -> None:
        if not (self._is_busy() or self._ahead or self._unread):
            self._hang_up()

    # what the reader says

    def head_begins(self) -> None:
        if not self._is_deaf and self._answering is None:
            self.deadline = self._server.now + self._server.patience

    def head_is_there(self, request: Request) -> None:
        if self._is_deaf:
            # it will not be answered: nothing more is read
            self._reader.unfinished = None
            raise Refused(NOT_HTTP)
        request.ready_answer = self._server.app.head(request)

    def ask_for_body(self) -> None:
        if not (self._is_busy() or self._is_deaf):
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def take(self, request: Request) -> None:
        if not (self._is_busy() or self._ahead):
            self._server.app.take(self._begin(request))
        elif len(self._ahead) < REQUESTS_AHEAD:
            self._ahead.append(request)
        else:
            self._server.app.lost(request)
            self._ahead[-1].stays_open = False
            self._is_deaf = True

    # in between

    def _read(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
        except Refused as refused:
            self._refuse(refused.answer)
        except Exception as error:
            trace = "".join(format_tb(error.__traceback__))
            log("request_failed", logging.ERROR, door="other", error=type(error).__name__, trace=trace)
            self._refuse(_FAILED)

    def _begin(self, request: Request) -> Request:
        self._answering = request
        self.deadline = math.inf
        return request

    def _answered(self, request: Request, answer: Answer) -> None:
        if self._transport is None:
            return
        self._answering = None
        self.deadline = self._server.now + self._server.patience
        ends = not (request.stays_open and request.is_whole) or self._server.is_draining
        if self._is_deaf or self._sends_no_more:
            ends = ends or not (self._ahead or self._unread)
        self._write(answer.written(self._server.date_line, request.method == "HEAD", ends))
        if not ends:
            if self._ahead or self._unread:
                asyncio.get_running_loop().call_soon(self._go_on)
        elif request.is_whole and not self._is_deaf:
            self._is_deaf = True
            self._transport.close()
        else:
            self._linger()

    def _go_on(self) -> None:
        """With what the client has sent ahead."""
        if self._is_busy() or self._transport is None:
            return
        if self._ahead:
            self._server.app.take(self._begin(self._ahead.popleft()))
        elif self._unread:
            self._transport.resume_reading()
            self._read(self._take_unread())

    def _take_unread(self) -> bytes:
        data, self._unread = b"".join(self._unread), []
        self._server.unread_bytes -= len(data)
        return data

    def _refuse(self, answer: Answer) -> None:
        """What follows cannot be read. Nothing is said of it where earlier requests still wait for their answers."""
        if self._is_busy() or self._ahead:
            self._is_deaf = True
        elif not self._is_deaf:
            self._write(answer.written(self._server.date_line, ends=True))
            self._linger()

    def _linger(self) -> None:
        self._is_deaf = True
        self.deadline = self._server.now + LINGER_SECONDS
        self._let_go()
        if self._transport is not None:
            self._transport.write_eof()

    def _let_go(self) -> None:
        """Of requests that nobody will answer."""
        unfinished, self._reader.unfinished = self._reader.unfinished, None
        for request in (*self._ahead, *([unfinished] if unfinished else ())):
            self._server.app.lost(request)
        self._ahead.clear()

    def _is_busy(self) -> bool:
        return self._answering is not None or self._is_full

    def _write(self, text: bytes) -> None:
        if self._transport is not None:
            self._transport.write(text)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()
