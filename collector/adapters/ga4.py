"""GA4's Measurement Protocol: events of servers, as JSON.

Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
"""

from decimal import Decimal
from typing import Any

from collector.adapters.ga4_events import messages_of
from collector.adapters.mapped import (
    Call,
    Mapped,
    Message,
    Parts,
    given,
    id_of,
    object_or_empty,
    problem_of_name,
    spread,
)
from collector.adapters.reading import fields_of, items_of, joined, object_of
from collector.adapters.unforeseen import each_alone
from collector.splitting import BATCH_MESSAGES, Reject
from contracts.errors import ErrorCode

VERSION = 1
_LIBRARY = {"name": "ga4-measurement-protocol"}


def read(call: Call) -> Parts | Reject:
    fields = fields_of(call.body)
    if isinstance(fields, Reject):
        return fields
    found = fields.pop("events", b"")
    # a client that keeps events for later sends each one so
    events = [found] if found.startswith(b"{") else items_of(found, "events")
    shared = object_of(joined(fields))
    if isinstance(events, Reject):
        return events
    if isinstance(shared, Reject):
        return shared
    if problem := spread(len(call.body) - sum(map(len, events)), len(events), "events"):
        return problem
    made: list[Mapped] = []
    for index, event in enumerate(events):
        raw = joined(fields | {"events": b"[" + event + b"]"})
        made += _mapped(index, raw, object_of(event), shared)
        if len(made) > BATCH_MESSAGES:
            return Reject(ErrorCode.TOO_LARGE, "events")
    return Parts(made)


@each_alone
def _mapped(index: int, raw: bytes, event: dict[str, Any] | Reject, shared: dict[str, Any]) -> list[Mapped]:
    if isinstance(event, Reject):
        return [Mapped(index, raw, None, event)]
    if problem := problem_of_name(event.get("name"), "name"):
        return [Mapped(index, raw, None, problem)]
    parameters = object_or_empty(event.get("params"))
    time = _millis(event.get("timestamp_micros", shared.get("timestamp_micros")))
    rest = given(
        {
            "messageId": None if time is None else id_of("ga4", b"%d" % index, raw),
            "anonymousId": shared.get("client_id", shared.get("app_instance_id")),
            "userId": shared.get("user_id"),
            "timestamp": time,
            "context": _context(parameters, shared),
        }
    )
    return [Mapped(index, raw, message) for message in messages_of(event.get("name"), parameters, rest)]


def _context(parameters: dict[str, Any], shared: dict[str, Any]) -> Message:
    page = given({"url": parameters.get("page_location"), "title": parameters.get("page_title")})
    device = object_or_empty(shared.get("device"))
    return given(
        {
            "library": _LIBRARY,
            "page": page,
            "userAgent": shared.get("user_agent"),
            "locale": device.get("language", parameters.get("language")),
        }
    )


def _millis(micros: Any) -> Any:
    """Milliseconds; what is no number stays, and is rejected as a time."""
    text = str(micros)
    if isinstance(micros, int | Decimal | str) and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text) // 1_000
    return micros
