"""Who decided what, and when. Written before it is carried out: nothing is decided without a record of it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo.database import Database

from contracts.names import Collection

PLATFORM = "-"
"""In place of a merchant, where a decision is about no shop; no id of a shop looks so."""


def record(
    database: Database[dict[str, Any]], who: str, merchant: str, action: str, now: datetime, **what: Any
) -> None:
    """`who` is the person's e-mail address; `what` says what the action was about."""
    entry = {"_id": uuid4().hex, "at": now, "who": who, "merchant": merchant, "action": action}
    database[Collection.AUDIT].insert_one(entry | what)
