"""Bytes of a connection become requests, within bounds."""

from collections.abc import Callable
from typing import Protocol, cast

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

from collector.answers import HEAD_TOO_LARGE, NOT_HTTP, Answer, Refused
from collector.body import BODY_BYTES
from collector.serving.request import Headers, Request

HEAD_BYTES = 64 * 1024
"""Of a head that comes in pieces; what comes at once may be as long as the system reads at once (256 KB)."""
_LISTED = b"x-forwarded-for"
_NOT_OURS = (b"upgrade", b"connection")


class Heard(Protocol):
    """Who is told of requests, in their order: when a head begins, when it is there, and when the request is.

    A request is handed on before its body is there where that is too long, or does not matter.
    """

    def head_begins(self) -> None: ...

    def head_is_there(self, request: Request) -> None: ...

    def take(self, request: Request) -> None: ...

    def ask_for_body(self) -> None: ...


class Reader:
    """`feed` it. `unfinished` is the request whose head is there and which was not handed on yet."""

    def __init__(self, heard: Heard, client: str, answered: Callable[[Request, Answer], None]) -> None:
        self.unfinished: Request | None = None
        self.is_in_head = False
        self._heard = heard
        self._client = client
        self._answered = answered
        self._parser = HttpRequestParser(self)
        self._target = b""
        self._raw: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._request: Request | None = None
        self._parts: list[bytes] = []
        self._body_bytes = 0
        self._head_again = b""

    @property
    def is_in_request(self) -> bool:
        return self.is_in_head or self._request is not None

    def feed(self, data: bytes) -> None:
        """Raises Refused where what came is no request; what follows cannot be read then."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._feed_again(data[cast(int, upgrade.args[0]) :])
        except HttpParserCallbackError as problem:
            cause = problem.__context__
            if cause is None or isinstance(cause, UnicodeDecodeError):
                raise Refused(NOT_HTTP) from problem
            raise cause from None
        except HttpParserError as problem:
            raise Refused(NOT_HTTP) from problem
        if self.is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                raise Refused(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._target, self._raw = b"", {}
        self.is_in_head, self._head_bytes = True, 0
        self._heard.head_begins()

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of a name that stands there twice the first one counts, but for X-Forwarded-For, which is a list."""
        name = name.lower()
        known = self._raw.setdefault(name, value)
        if known is not value and name == _LISTED:
            self._raw[name] = known + b", " + value

    def on_headers_complete(self) -> None:
        self.is_in_head = False
        parser, raw = self._parser, self._raw
        if parser.should_upgrade():
            self._head_again = self._head_without_upgrade()
            return
        is_old = b"connection" in raw and parser.get_http_version() == "1.0"
        request = Request(
            parser.get_method().decode(),
            _origin_form(self._target.decode()),
            Headers(raw),
            self._client,
            self._answered,
            parser.should_keep_alive() and not is_old,
        )
        self._request = self.unfinished = request
        self._parts, self._body_bytes = [], 0
        self._heard.head_is_there(request)
        if request.ready_answer is not None:
            if _is_long(raw):
                self._hand_on(request)
        elif raw.get(b"expect", b"").lower() == b"100-continue":
            self._heard.ask_for_body()

    def on_body(self, part: bytes) -> None:
        request = self.unfinished
        if request is None:
            return
        self._body_bytes += len(part)
        if request.keeps_body:
            self._parts.append(part)
        if self._body_bytes > BODY_BYTES:
            request.is_cut = True
            self._hand_on(request)

    def on_message_complete(self) -> None:
        request, self._request = self._request, None
        if request is None:
            return
        request.is_whole = True
        if self.unfinished is not None:
            self._hand_on(request)

    def _hand_on(self, request: Request) -> None:
        self.unfinished = None
        request.body = b"".join(self._parts)
        self._parts = []
        self._heard.take(request)

    def _feed_again(self, rest: bytes) -> None:
        """HTTP/1.1 is all that is spoken here: the same request without its wish for something else, and its body."""
        head, self._head_again = self._head_again, b""
        if not head:
            raise Refused(NOT_HTTP)
        self._parser = HttpRequestParser(self)
        self.feed(head)
        self.feed(rest)

    def _head_without_upgrade(self) -> bytes:
        method = self._parser.get_method()
        if method == b"CONNECT":
            return b""
        kept = [b"%b: %b" % header for header in self._raw.items() if header[0] not in _NOT_OURS]
        return b"\r\n".join((b"%b %b HTTP/1.1" % (method, self._target), *kept, b"", b""))


def _is_long(raw: dict[bytes, bytes]) -> bool:
    """Whether a client that is refused should hear so before it has sent its body."""
    return b"expect" in raw or b"transfer-encoding" in raw or len(raw.get(b"content-length", b"")) > 4


def _origin_form(target: str) -> str:
    """`/path?query`, also of `http://host/path?query`."""
    if target.startswith("/"):
        return target
    _, scheme, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if scheme else target
