"""Settings of a shop that its reports depend on, and their change: a new edition is built, then readers are switched."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

MOST_ATTEMPTS = 3
FORMER_KEPT = timedelta(days=1)
"""So long the reports of former settings stay, for whoever was reading them at the switch."""


class ChangeState(StrEnum):
    """ordered: batches that began before wait to end. building: what is in the archive is computed. failed: after three
    attempts; the reports that readers see go on.
    """

    ORDERED = "ordered"
    BUILDING = "building"
    FAILED = "failed"


class NextSettings(TypedDict):
    """`next` of a document of `merchants`, from the order to the switch.

    `settings_version` was never used for this shop before: the document's `newest_settings` is the last one given. `after`
    is the ledger's newest batch when the order was first seen, null until then: batches up to it may know nothing of the
    order. `scopes` of the archive are to be computed, 0 until they are counted, and `computed` of them are.
    """

    settings_version: int
    time_zone: str
    currency: str
    ordered_by: str
    ordered_at: datetime
    state: str
    after: int | None
    attempts: int
    scopes: int
    computed: int


def new_order(settings_version: int, time_zone: str, currency: str, ordered_by: str, now: datetime) -> NextSettings:
    """Nothing of it is done yet."""
    return NextSettings(
        settings_version=settings_version,
        time_zone=time_zone,
        currency=currency,
        ordered_by=ordered_by,
        ordered_at=now,
        state=ChangeState.ORDERED,
        after=None,
        attempts=0,
        scopes=0,
        computed=0,
    )


class FormerSettings(TypedDict):
    """One of `former` of a document of `merchants`: nobody is shown the reports of this version since `until`."""

    settings_version: int
    until: datetime


def message_currency(merchant: Mapping[str, Any]) -> str:
    """The currency of messages that name none: the one that the shop began with, whatever its reports are in."""
    return str(merchant.get("message_currency", merchant["currency"]))
