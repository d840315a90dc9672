"""What the collector answers: status, headers, body. Errors are JSON with code, field, sentence and link."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Any

import msgspec

from contracts.errors import EXPLANATIONS, ErrorCode

Headers = list[tuple[str, str]]
RETRY_AFTER_SECONDS = 3
PREFLIGHT_SECONDS = 86_400
_AGAIN = "Send the same request again later."
ALLOWED_HEADERS = (
    "authorization",
    "content-type",
    "content-encoding",
    "x-retry-count",
    "x-write-key",
    # of RudderStack's browser SDK
    "anonymousid",
    # of Snowplow's
    "sp-anonymous",
)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-_:\[\]]{1,300}")

OPEN_TO_ALL: Headers = [("access-control-allow-origin", "*")]
JSON_HEADERS: Headers = [("content-type", "application/json"), ("cache-control", "no-store"), *OPEN_TO_ALL]
PREFLIGHT_HEADERS: Headers = [
    *OPEN_TO_ALL,
    ("access-control-allow-methods", "GET, POST, OPTIONS"),
    ("access-control-allow-headers", ", ".join(ALLOWED_HEADERS)),
    ("access-control-max-age", str(PREFLIGHT_SECONDS)),
]


class Refusal(StrEnum):
    """Codes of requests that hold no message of ours; those of messages are in `contracts.errors`."""

    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    REVOKED_KEY = "revoked_key"
    FOREIGN_HOST = "foreign_host"
    BAD_SIGNATURE = "bad_signature"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_SLOW = "too_slow"
    TOO_MANY = "too_many"
    NOT_HTTP = "not_http"
    HEAD_TOO_LARGE = "head_too_large"
    UNAVAILABLE = "unavailable"


_WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = tuple(JSON_HEADERS)

    def written(self, date_line: bytes, is_head: bool = False, ends: bool = False) -> bytes:
        """The bytes that go out; `date_line` is a header with its line end, `ends` says that the connection is closed behind them."""
        first, rest = self._parts
        closing = b"connection: close\r\n" if ends else b""
        return b"".join((first, date_line, closing, rest, b"" if is_head else self.body))

    @cached_property
    def _parts(self) -> tuple[bytes, bytes]:
        """What stands before the date, and behind it up to the body. Raises ValueError for a header that would end its line."""
        lines = [f"{name}: {value}" for name, value in self.headers]
        if self.status not in _WITHOUT_BODY:
            lines.append(f"content-length: {len(self.body)}")
        rest = "\r\n".join((*lines, "", ""))
        if rest.count("\n") != len(lines) + 1 or rest.count("\r") != len(lines) + 1:
            raise ValueError("A header may not hold the end of a line.")
        return f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n".encode(), rest.encode()


class Refused(Exception):
    """The request ends here with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def to_origin(answer: Answer, origin: str | None) -> Answer:
    """The answer for a browser that would send cookies along, as Snowplow's tracker asks it to: "*" is not enough there.

    Nothing here reads a cookie.
    """
    if origin is None or not _ORIGIN.fullmatch(origin):
        return answer
    others = tuple(header for header in answer.headers if header not in OPEN_TO_ALL)
    own = (("access-control-allow-origin", origin), ("access-control-allow-credentials", "true"), ("vary", "origin"))
    return replace(answer, headers=(*others, *own))


def json_answer(status: int, content: Any, headers: Headers = JSON_HEADERS) -> Answer:
    return Answer(status, msgspec.json.encode(content), tuple(headers))


def error(status: int, code: str, field: str | None, message: str, headers: Headers = JSON_HEADERS) -> Answer:
    link = f"docs/http-api.md#{code}"
    content = {"code": str(code), "field": field, "message": message, "link": link}
    # RudderStack's and Segment's Python SDKs read code and message at the top, and take an answer without for an outage
    return json_answer(status, {"success": False, "code": str(code), "message": message, "error": content}, headers)


def unavailable(why: str) -> Answer:
    """503: nothing was promised; the sender keeps the messages and sends them again."""
    return error(503, Refusal.UNAVAILABLE, None, f"{why} {_AGAIN}", _retry_headers(RETRY_AFTER_SECONDS))


def too_many(wait_seconds: int) -> Answer:
    """429: nothing was stored."""
    message = f"This key or address sends more than it may. {_AGAIN}"
    return error(429, Refusal.TOO_MANY, None, message, _retry_headers(wait_seconds))


def too_slow() -> Answer:
    """408: the body did not come in time; nothing was stored."""
    message = f"The request did not come in time. {_AGAIN}"
    return error(408, Refusal.TOO_SLOW, None, message, [*_retry_headers(RETRY_AFTER_SECONDS), ("connection", "close")])


def _retry_headers(seconds: int) -> Headers:
    return [*JSON_HEADERS, ("retry-after", str(seconds)), ("access-control-expose-headers", "retry-after")]


def bad_message(code: ErrorCode, field: str | None) -> Answer:
    """400, or 413 for size: the message is kept in the shop's error inbox; sending it again does not help."""
    return error(413 if code is ErrorCode.TOO_LARGE else 400, code, field, sentence(code))


def sentence(code: ErrorCode) -> str:
    return f"{EXPLANATIONS[code].sentence} {EXPLANATIONS[code].fix}"


def _wrong_method(message: str, allowed: str) -> Answer:
    return error(405, Refusal.METHOD_NOT_ALLOWED, "method", message, [*JSON_HEADERS, ("allow", allowed)])


ACCEPTED = json_answer(200, {"success": True})
NO_SUCH_PAGE = error(404, Refusal.NOT_FOUND, "path", "There is nothing at this address: see docs/http-api.md.")
NOT_HTTP = error(400, Refusal.NOT_HTTP, None, "This is no request of HTTP/1.1: nothing of it was stored.")
HEAD_TOO_LARGE = error(
    431, Refusal.HEAD_TOO_LARGE, None, "Address and headers are longer than 64 KB: send messages in the body of a POST."
)
POST_ONLY = _wrong_method("Messages are sent with POST.", "POST, OPTIONS")
GET_ONLY = _wrong_method("This address is read with GET.", "GET, HEAD")
PREFLIGHT = Answer(204, b"", tuple(PREFLIGHT_HEADERS))
