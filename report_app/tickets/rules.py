"""When a ticket is opened, and when one that ended is opened again. Pure: the time comes in as an argument."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.names import DueGroup
from contracts.tickets import RequestKind, Ticket, TicketFailure, TicketState, ticket_id
from report_app.reading.merchants import Merchant

GRACE = timedelta(seconds=10)
"""A page that was read just before its ticket became ready does not request the report once more."""
SAME_TROUBLE = timedelta(hours=1)
"""What is damaged again so soon after it was ready goes on counting its attempts."""
FAILED_REST = timedelta(days=1)
"""After that a failed ticket has its attempts again, once somebody looks."""
LOST_AFTER = timedelta(minutes=30)
"""A request that nothing came of for so long is published again: the topic may have lost it."""


@dataclass(slots=True)
class Order:
    """What a ticket is to bring: scopes of one group and local day."""

    group: DueGroup
    day: str
    kind: RequestKind
    scopes: set[str] = field(default_factory=set)

    def id_for(self, shop: Merchant) -> str:
        return ticket_id(shop.id, shop.settings_version, self.group, self.day)


def new_ticket(shop: Merchant, order: Order, now: datetime) -> Ticket:
    return Ticket(
        _id=order.id_for(shop),
        merchant=shop.id,
        settings_version=shop.settings_version,
        group=str(order.group),
        day=order.day,
        kind=str(order.kind),
        scopes=sorted(order.scopes),
        state=str(TicketState.REQUESTED),
        attempts=0,
        failure=None,
        request_id=None,
        claim=None,
        claimed_until=now,
        opened_at=now,
        published_at=None,
        running_at=None,
        ready_at=None,
        changed_at=now,
    )


def reopened(ticket: Ticket, order: Order, now: datetime) -> dict[str, Any] | None:
    """The fields that open an existing ticket again; None where it stays as it is."""
    attempts = _attempts_when_reopened(ticket, order.kind, now)
    if attempts is None:
        return None
    fields: dict[str, Any] = {
        "kind": str(order.kind),
        "scopes": sorted(order.scopes),
        "state": str(TicketState.REQUESTED),
        "attempts": attempts,
        "failure": None,
        "published_at": None,
        "running_at": None,
        "ready_at": None,
        "changed_at": now,
    }
    is_over = ticket["state"] in (TicketState.READY, TicketState.FAILED)
    return fields | {"opened_at": now} if is_over else fields


def _attempts_when_reopened(ticket: Ticket, kind: RequestKind, now: datetime) -> int | None:
    age, attempts = now - ticket["changed_at"], ticket["attempts"]
    if ticket["state"] in (TicketState.REQUESTED, TicketState.RUNNING):
        return attempts if ticket["published_at"] and age >= LOST_AFTER else None
    if kind is RequestKind.ASKED:
        return 0
    if ticket["state"] == TicketState.FAILED:
        return 0 if age >= FAILED_REST and ticket["failure"] != TicketFailure.FROZEN else None
    if age < GRACE:
        return None
    return attempts if age < SAME_TROUBLE else 0
