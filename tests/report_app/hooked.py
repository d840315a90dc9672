"""Documents of webhooks and deliveries as the app writes them: a valid base plus what makes the case."""

from datetime import timedelta

from contracts.webhooks import delivery_id
from tests.report_app.documents import NOW

WEBHOOK = "ab" * 10


def webhook(**overrides):
    base = {
        "_id": WEBHOOK,
        "merchant": "nordlicht",
        "url": "https://shop.example/footfall",
        "state": "on",
        "secrets": [{"key": "t1", "generation": 1, "until": None}],
        "created_at": NOW,
        "created_by": "anna@example.com",
        "claim": None,
        "busy_until": NOW,
        "held_until": NOW,
        "failures": 0,
        "failing_since": None,
        "off_because": None,
    }
    return base | overrides


def delivery(number, state, status=200, why="", **overrides):
    """Of batch `number`, with one attempt."""
    subject = f"{number}/nordlicht"
    at = NOW - timedelta(minutes=number)
    base = {
        "_id": delivery_id(WEBHOOK, subject),
        "webhook": WEBHOOK,
        "merchant": "nordlicht",
        "kind": "report.ready",
        "subject": subject,
        "body": "{}",
        "state": state,
        "attempts": 1,
        "next_attempt_at": at + timedelta(minutes=5),
        "log": [{"at": at, "status": status, "why": why, "milliseconds": 84}],
        "created_at": at,
    }
    return base | overrides
