"""Tickets: a report request as its merchant sees it. One for a merchant, settings version, group and local day."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from contracts.names import DueGroup

MOST_ATTEMPTS = 3
FORGOTTEN_AFTER = timedelta(days=30)
"""A ticket that nothing happened to for so long vanishes."""


class TicketState(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class RequestKind(StrEnum):
    """Why a report is requested: it is on the calendar and not found, it is not believed, or a person asks."""

    MISSING = "missing"
    DAMAGED = "damaged"
    ASKED = "asked"


class TicketFailure(StrEnum):
    """Why a ticket failed: three attempts did not bring the report, or its day is older than the shop keeps its data."""

    ATTEMPTS = "attempts"
    FROZEN = "frozen"


class Ticket(TypedDict):
    """A document of `tickets`; times are UTC.

    `published_at` is null until Kafka has acknowledged the request `request_id`; until then a view may publish it, one
    at a time: the one whose `claim` it holds, until `claimed_until`. `attempts` counts those of the job. `scopes` are
    hour keys, or the local date. `failure` is a TicketFailure, `changed_at` the last change of `state`.
    """

    _id: str
    merchant: str
    settings_version: int
    group: str
    day: str
    kind: str
    scopes: list[str]
    state: str
    attempts: int
    failure: str | None
    request_id: str | None
    claim: str | None
    claimed_until: datetime
    opened_at: datetime
    published_at: datetime | None
    running_at: datetime | None
    ready_at: datetime | None
    changed_at: datetime


def ticket_id(merchant: str, settings_version: int, group: DueGroup, day: str) -> str:
    """`day` is the local date (ISO): damaged hours of one day share a ticket."""
    return f"{merchant}/{settings_version}/{group}/{day}"
