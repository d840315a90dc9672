"""Documents of promises as `watch_promises` writes them: looks, breaks and alerts."""

from datetime import timedelta

from contracts.names import Collection
from contracts.promises import CHECKS
from tests.report_app.documents import NOW

HOSTILE = "Shop nordlicht: <script>alert(1)</script>\r\nSet-Cookie: a=b " + "x" * 3_000


def promise(subject, state, check="books", **overrides):
    base = {
        "_id": f"{check}/{subject}",
        "check": check,
        "subject": subject,
        "state": state,
        "sentence": f"{subject} is wrong.",
        "since": NOW - timedelta(hours=2),
        "last": NOW,
        "mended_at": None,
    }
    return base | overrides


def looked(check, minutes=2, **measures):
    """`measures`: what -> (value, limit)"""
    found = [{"of": of, "value": value, "limit": limit} for of, (value, limit) in measures.items()]
    return {"_id": check, "at": NOW - timedelta(minutes=minutes), "measures": found}


def look_at_all(database, minutes=2):
    database[Collection.LOOKS].delete_many({})
    database[Collection.LOOKS].insert_many([looked(check, minutes) for check in CHECKS])


def sending(state, why=""):
    log = [{"at": NOW, "is_sent": not why, "why": why, "milliseconds": 8}]
    return {"state": state, "attempts": 1, "next_attempt_at": NOW, "log": log}


def alert(number, **overrides):
    since = NOW - timedelta(hours=number)
    told = {"check": "lag", "subject": "events", "sentence": "It lags.", "since": since, "until": None}
    base = {
        "_id": f"{number:032x}",
        "kind": "promises",
        "at": since,
        "broke": [told],
        "mended": [],
        "broke_count": 1,
        "mended_count": 0,
        "checks": ["lag"],
        "roads": {"mail": sending("sent"), "webhook": sending("failed", "The answer was 500.")},
    }
    return base | overrides


def fill_status(database):
    """A platform with a bit of everything, whose operator is otto@example.com."""
    look_at_all(database)
    own = [
        looked("freshness", reports=(12, 300)),
        looked("lag", **{"footfall.events.v1": (200_000, 151_200), "footfall.errors.v1": (0, 151_200)}),
        looked("disk", **{"archive, broker": (0.354, 0.1)}),
    ]
    for look in own:
        database[Collection.LOOKS].replace_one({"_id": look["_id"]}, look)
    ended = NOW - timedelta(days=3)
    past = [{"since": ended, "until": ended + timedelta(hours=1)}]
    database[Collection.PROMISES].insert_many(
        [
            promise("footfall.events.v1", "broken", "lag", sentence="footfall.events.v1: it waited for 200,000 s."),
            promise("nordlicht/2026-11-24T10:00Z", "broken", sentence=HOSTILE),
            *(promise(f"harbour/{hour}", "broken") for hour in range(12)),
            promise("nightly", "mended", "backups", since=ended, mended_at=ended + timedelta(hours=1), past=past),
            promise("chai/1", "awaited"),
        ]
    )
    database[Collection.ALERTS].insert_many([alert(1), alert(2, roads={}), alert(3, kind="test")])
