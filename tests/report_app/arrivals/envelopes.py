"""Envelopes as collectors write them: a valid base plus what makes the case."""

import json
import uuid
from datetime import UTC, datetime

from report_app.arrivals.arrival import arrival_of

RECEIVED = datetime(2026, 11, 24, 13, 32, 5, 250_000, tzinfo=UTC)
MESSAGE = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "m-1",
    "timestamp": "2026-11-24T13:32:05.000Z",
    "anonymousId": "a-secret-visitor",
    "properties": {"price": "12.50", "name": "Anna Berg"},
}


def envelope(changed=None, at=RECEIVED, **overrides):
    content = MESSAGE | (changed or {})
    base = {
        "v": 1,
        "envelope_id": str(uuid.uuid4()),
        "merchant": "nordlicht",
        "key_kind": "page",
        "key_generation": 2,
        "received_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sent_at": None,
        "message_id": content["messageId"],
        "ip": None,
        "user_agent": None,
        "source": {"door": "v1/batch", "adapter": 1},
        "reject": None,
        "repair": None,
        "context": None,
        "message": json.dumps(content),
    }
    return base | overrides


def arrival(changed=None, place=(0, 0), **overrides):
    found = arrival_of(json.dumps(envelope(changed, **overrides)).encode(), place, "nordlicht")
    assert found is not None
    return found
