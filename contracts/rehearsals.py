"""Rehearsals: what a rule would change, without changing it. One document for a cause and a rule.

The report app asks, the job of `rehearse_repairs` computes, pages and the API show it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from contracts.canonical import checksum

MOST_MESSAGES = 5_000
"""So many of the newest messages are looked at."""
MOST_ATTEMPTS = 3
FORGOTTEN_AFTER = timedelta(days=30)
"""A rehearsal that nothing happened to for so long vanishes."""


class RehearsalState(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    """Three attempts of the job did not bring a result."""


OPEN = (RehearsalState.REQUESTED, RehearsalState.RUNNING)
MEASURES = ("orders", "sales", "refunds", "cancelled", "net", "page_views", "events")
"""Differences of a day: counts, and amounts in minor units of the reporting currency."""


class DayDifference(TypedDict):
    """What a local day's numbers would gain (or lose, below 0); `without_rate`: net by currency that has no rate."""

    day: str
    orders: int
    sales: int
    refunds: int
    cancelled: int
    net: int
    page_views: int
    events: int
    without_rate: dict[str, int]


class Messages(TypedDict):
    """What would become of the messages: `looked_at` of `waiting`, and of these each exactly one of the others.

    `counted` and `bots` are accepted, `copies` are of messages that count already, `rejected` come back (by code), `unfit`
    stay where they are, since the rule does not fit them, `dropped` are dropped.
    """

    waiting: int
    looked_at: int
    counted: int
    copies: int
    bots: int
    rejected: dict[str, int]
    unfit: int
    dropped: int


class Result(TypedDict):
    """`days` holds only those that would change, oldest first; `sequence` is the archive's."""

    currency: str
    sequence: int | None
    messages: Messages
    days: list[DayDifference]


class Rehearsal(TypedDict):
    """A document of `rehearsals`; times are UTC. `rule` is null for sending the messages again as they are.

    `complete_until`: everything that arrived until then is in the numbers that were compared. `attempts` counts those of
    the job, `changed_at` is the last change of `state`; `result` is null until it is ready.
    """

    _id: str
    merchant: str
    cause: str
    rule: dict[str, str] | None
    asked_by: str
    asked_at: datetime
    complete_until: datetime | None
    state: str
    attempts: int
    result: Result | None
    changed_at: datetime


def rehearsal_id(cause: str, rule: Mapping[str, str] | None) -> str:
    """`<cause>/<12 hexadecimal digits>`, the same for the same rule."""
    return f"{cause}/{checksum(dict(rule) if rule is not None else {})[:12]}"
