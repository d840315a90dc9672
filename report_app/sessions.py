"""Ended sessions. A session is a signed cookie that a copy outlives, so signing out is kept where every instance sees it."""

import hashlib
import secrets
from collections.abc import Iterable, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from contracts.names import Collection

KEPT_FOR = timedelta(days=15)
"""A day longer than a cookie lives."""

_KEY = "session"


def begin(session: MutableMapping[str, Any]) -> None:
    """Gives a new session its id."""
    session[_KEY] = secrets.token_urlsafe(18)


def id_of(session: MutableMapping[str, Any]) -> str:
    """The session's id as the database knows it: a hash. Empty for a session that began without one."""
    own = session.get(_KEY)
    return hashlib.sha256(own.encode()).hexdigest() if isinstance(own, str) else ""


def end(database: Database[dict[str, Any]], session_id: str, now: datetime) -> None:
    """From now on the session's cookie is worth nothing, on every instance."""
    if session_id:
        entry = {"ended_at": now, "expires_at": now + KEPT_FOR}
        database[Collection.SESSIONS].update_one({"_id": session_id}, {"$set": entry}, upsert=True)


def ended(database: Database[dict[str, Any]], session_ids: Iterable[str]) -> set[str]:
    """Those of the sessions that were ended."""
    found = database[Collection.SESSIONS].find({"_id": {"$in": list(filter(None, session_ids))}}, {"_id": 1})
    return {document["_id"] for document in found}
