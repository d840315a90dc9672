"""Messages on the topics; JSON Schemas in `schemas/`, golden samples in `golden/`."""

import json
from typing import Any, NotRequired, TypedDict

ENVELOPE_VERSION = 1
REQUEST_VERSION = 1
MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Of a message on any topic but that of errors. A request of 500 KB that could not be split travels whole: base64 and the
envelope make it 1.4 times as long."""
MAX_ERROR_BYTES = 6 * 1024 * 1024
"""An error holds the whole value of an event's message, and of bytes that are no envelope it holds them twice, in base64."""


class Reject(TypedDict):
    code: str
    field: str | None


class Source(TypedDict):
    """Which door a message came through. `raw` holds bytes in base64 where the request was not a Segment message."""

    door: str
    adapter: int
    raw: NotRequired[str]


class Repair(TypedDict):
    error_id: str
    attempt: int
    rules_version: int


class Envelope(TypedDict):
    """Value of a message on `footfall.events.v1`.

    `message` is the client's own JSON text, verbatim, as a JSON string; null where `source.raw` holds the bytes.
    Times are ISO 8601 in UTC with milliseconds. `sent_at` is the client's text, unread.
    """

    v: int
    envelope_id: str
    merchant: str
    key_kind: str
    key_generation: int
    received_at: str
    sent_at: str | None
    message_id: str | None
    ip: str | None
    user_agent: str | None
    source: Source
    reject: Reject | None
    repair: Repair | None
    context: str | None
    message: str | None


class Place(TypedDict):
    topic: str
    partition: int
    offset: int


class ErrorMessage(TypedDict):
    """Value of a message on `footfall.errors.v1`: enough to repair and send again. Bytes are base64."""

    v: int
    error_id: str
    merchant: str
    batch: int
    code: str
    field: str | None
    place: Place
    received_at: str
    event_hour: str
    attempt: int
    original: str
    envelope: str


class RequestedScope(TypedDict):
    """`group` is hour or day (contracts.names.DueGroup); `key` is an hour key or a local date."""

    group: str
    key: str


class RequestMessage(TypedDict):
    """Value of a message on `footfall.report-requests.v1`: scopes of one merchant to be computed again.

    `kind` is missing, damaged or asked (contracts.tickets.RequestKind).
    """

    v: int
    request_id: str
    merchant: str
    kind: str
    scopes: list[RequestedScope]
    settings_version: int
    requested_at: str


class ReadyMessage(TypedDict):
    """Value of a message on `footfall.report-ready.v1`; `ready_id` is the same however often it is sent."""

    v: int
    ready_id: str
    merchant: str
    batch: int | None
    reports: list[str]
    watermark: str | None
    at: str


def json_bytes(message: Any) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
