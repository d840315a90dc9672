"""Error messages as the job publishes them: a valid base and the overrides that make the case."""

import base64
import json
from datetime import UTC, datetime

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BAD_ORDER = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m",
    "properties": {"order_id": "1", "revenue": "1,5 €"},
}

HOPELESS = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1", "revenue": "a lot"}}


def envelope(message=BAD_ORDER, **overrides):
    base = {
        "v": 1,
        "envelope_id": "0193-a",
        "merchant": "chai",
        "key_kind": "server",
        "key_generation": 1,
        "received_at": "2026-11-25T11:59:00.000Z",
        "sent_at": None,
        "message_id": "m",
        "ip": "203.0.113.0",
        "user_agent": "Mozilla/5.0",
        "source": {"door": "v1/batch", "adapter": 1},
        "reject": None,
        "repair": None,
        "context": '{"library":{"name":"analytics-node"}}',
        "message": message if isinstance(message, str) else json.dumps(message),
    }
    return base | overrides


def error(message=BAD_ORDER, code="bad_amount", field="properties.revenue", error_id="0193-a", **overrides):
    """The value of one error message; `offset` is its place, `whole` its envelope where that is none of ours."""
    whole = overrides.pop("whole", None)
    offset = overrides.pop("offset", 41)
    merchant = overrides.get("merchant", "chai")
    text = message if isinstance(message, str) else json.dumps(message)
    value = whole if whole is not None else json.dumps(envelope(text, envelope_id=error_id, merchant=merchant)).encode()
    base = {
        "v": 1,
        "error_id": error_id,
        "merchant": "chai",
        "batch": 3,
        "code": code,
        "field": field,
        "place": {"topic": "footfall.events.v1", "partition": 2, "offset": offset},
        "received_at": "2026-11-25T11:59:00.000Z",
        "event_hour": "2026-11-25T11:00Z",
        "attempt": 0,
        "original": base64.b64encode(text.encode()).decode(),
        "envelope": base64.b64encode(value).decode(),
    }
    return json.dumps(base | overrides).encode()


def accept(database, arrival="0193-a"):
    """What the job does when it has accepted the copy (spark_jobs/repaired.py)."""
    database.failed_events.update_one({"_id": arrival}, {"$set": {"status": "repaired"}})
