"""Documents of the error inbox as reprocess_errors writes them."""

import json

from contracts.inbox import cause_id, cause_of
from tests.report_app.documents import NOW

MESSAGE = {
    "type": "track",
    "event": "Order Completed",
    "userId": "anna.berg",
    "context": {"traits": {"name": "Anna Berg", "email": "anna@berg.example", "phone": "+49 170 1234567"}},
    "properties": {
        "order_id": "10000234567",
        "revenue": "a lot anna@berg.example 4111111111111111",
        "currency": "EUR",
        "shipping_address": {"street": "Lindenweg 5", "anna@berg.example": 1},
        "note": "<img src=x onerror=\"document.title='taken'\">",
    },
}


def failed(number, status="parked", message=MESSAGE, merchant="nordlicht", code="bad_amount", **overrides):
    field = overrides.get("field", "properties.revenue")
    cause = cause_of(merchant, code, field, message.get("event"))
    text = json.dumps(message).encode()
    return {
        "_id": f"0193-{merchant}-{number}",
        "merchant": merchant,
        "code": code,
        "field": field,
        "place": {"topic": "footfall.events.v1", "partition": 0, "offset": number},
        "batch": 41,
        "received_at": f"2026-11-23T09:{number:02d}:00.000Z",
        "event_hour": "2026-11-23T09:00Z",
        "original": text,
        "envelope": b"{}",
        "is_slim": False,
        "cause": cause_id(cause),
        "event": cause["event"],
        "status": status,
        "attempt": 0,
        "attempts": [],
        "tries": 0,
        "next_attempt_at": None,
        "filed_at": NOW,
    } | overrides


def counted(failure, **overrides):
    """The rest of a flood of the failure's cause."""
    names = ("cause", "merchant", "code", "field", "event", "batch")
    seen = {"first_seen": failure["received_at"], "last_seen": "2026-11-24T10:00:00.000Z"}
    hours = [{"hour": "2026-11-23T09:00Z", "waiting": 700, "dropped": 0}]
    identity = {"_id": f"{failure['cause']}/{failure['batch']}"}
    return identity | {name: failure[name] for name in names} | seen | {"hours": hours, "places": b""} | overrides
