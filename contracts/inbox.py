"""The error inbox: one document of `failed_events` a rejected arrival, with every repair that was tried on it.

Airflow's side (plugins/footfall_airflow) files and repairs, the job's side (spark_jobs/repaired.py) notes what was accepted,
the report app shows it and asks for repairs.
"""

import hashlib
import json
import re
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from contracts.events import Event, canonical_name


class FailedStatus(StrEnum):
    WAITING = "waiting"
    """Filed, or waiting for its next retry."""
    REPAIRING = "repairing"
    """A repaired copy is on its way; its outcome was not seen yet."""
    REPAIRED = "repaired"
    """A copy was accepted."""
    PARKED = "parked"
    """A person decides: no rule fits it, or three attempts failed."""
    DROPPED = "dropped"
    """A person decided that it counts nowhere."""


class AttemptOutcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


OPEN = (FailedStatus.WAITING, FailedStatus.REPAIRING, FailedStatus.PARKED)
"""In the books these are waiting; rejected = waiting + repaired + dropped."""
UNDECIDED = (FailedStatus.WAITING, FailedStatus.PARKED)
"""What a replay sends again, or drops."""

MOST_ATTEMPTS = 3
RETRY_SECONDS = (60, 600, 3_600)
"""How long a message waits that failed because something was not there yet; after the last time it is parked."""

CUSTOM_EVENT = "custom event"
"""Stands for every event that is not a commerce event: names that clients make up would be causes without end."""


class Cause(TypedDict):
    """What errors have in common; a rule is made for one. `field` names no line: `properties.products[].price`."""

    merchant: str | None
    code: str
    field: str | None
    event: str | None


class Attempt(TypedDict, total=False):
    """A repaired copy, `<envelope_id>/r<attempt>`. `message` is the text that was sent.

    `rule` is a built-in rule's name, or one of the words below. `order` is the replay that asked for it. Once it was seen:
    `outcome`, and of a rejected one code, field, event_hour and batch.
    """

    attempt: int
    rule: str
    rules_version: int
    order: str | None
    message: str
    sent_at: datetime
    outcome: str | None
    code: str
    field: str | None
    event_hour: str
    batch: int


SHOP_RULE, SENT_AGAIN = "shop_rule", "sent_again"


class FailedEvent(TypedDict, total=False):
    """`_id` is the arrival's envelope id; merchant to envelope are those of its error message.

    `cause` is that of its latest rejection. `attempt` counts the copies that were sent, `tries` the looks at whether what
    was missing is there. Beyond the number of whole documents a cause may have, `is_slim`: the archive holds the bytes.
    """

    _id: str
    merchant: str | None
    code: str
    field: str | None
    place: dict[str, Any]
    batch: int | None
    received_at: str | None
    event_hour: str | None
    original: bytes
    envelope: bytes
    is_slim: bool
    cause: str
    event: str | None
    status: str
    attempt: int
    attempts: list[Attempt]
    tries: int
    next_attempt_at: datetime | None
    filed_at: datetime
    repaired_at: datetime
    dropped_at: datetime


def split_id(envelope_id: str) -> tuple[str, int]:
    """(`<envelope_id>`, n) of `<envelope_id>/r<n>`; 0 where it was never repaired."""
    found = _RETURNED.fullmatch(envelope_id)
    return (found[1], int(found[2])) if found else (envelope_id, 0)


def returned_id(envelope_id: str, attempt: int) -> str:
    return f"{envelope_id}/r{attempt}"


_RETURNED = re.compile(r"(.+)/r([1-9][0-9]{0,5})", re.DOTALL)
_LINE = re.compile(r"\[\d+\]")
_COMMERCE = frozenset(str(event) for event in Event)


def cause_of(merchant: str | None, code: str, field: str | None, event: Any) -> Cause:
    """`event` is the name as the client sent it, or None where it sent none."""
    name = canonical_name(event) if isinstance(event, str) and event.strip() else None
    known = name if name is None or name in _COMMERCE else CUSTOM_EVENT
    return Cause(merchant=merchant, code=code, field=_LINE.sub("[]", field) if field else None, event=known)


def cause_id(cause: Cause) -> str:
    """20 hexadecimal digits, the same for the same cause."""
    parts = [cause["merchant"], cause["code"], cause["field"], cause["event"]]
    text = json.dumps(parts).encode("ascii")
    return hashlib.sha256(text).hexdigest()[:20]


class HourCount(TypedDict):
    hour: str
    waiting: int
    dropped: int


class CountedErrors(TypedDict):
    """A document of `error_causes`: errors of one cause and one batch of events that have no document of their own.

    `_id` is `<cause>/<batch>`. `places` are their places, packed, so that an error that is published twice counts once.
    """

    _id: str
    cause: str
    merchant: str | None
    code: str
    field: str | None
    event: str | None
    batch: int | None
    hours: list[HourCount]
    first_seen: str
    last_seen: str
    places: bytes
