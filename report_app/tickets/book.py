"""The collection `tickets`: opened once however many look, and published by one of them."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from pymongo import UpdateOne
from pymongo.database import Database

from contracts.names import Collection
from contracts.tickets import Ticket, TicketState
from report_app.reading.merchants import Merchant
from report_app.reading.tickets import tickets_by_id
from report_app.tickets.rules import Order, new_ticket, reopened

CLAIM = timedelta(seconds=15)
"""So long the others leave a ticket to the one who tries to publish it."""


def open_tickets(
    database: Database[dict[str, Any]], shop: Merchant, orders: Sequence[Order], now: datetime
) -> list[str]:
    """Opens a ticket for each order, unless there is one that serves; answers all their ids."""
    existing = tickets_by_id(database, (order.id_for(shop) for order in orders))
    writes = []
    for order in orders:
        ticket = existing.get(order.id_for(shop))
        if ticket is None:
            fields = dict(new_ticket(shop, order, now))
            writes.append(UpdateOne({"_id": fields.pop("_id")}, {"$setOnInsert": fields}, upsert=True))
        elif change := reopened(ticket, order, now):
            as_read = {name: ticket[name] for name in ("_id", "state", "changed_at")}
            writes.append(UpdateOne(as_read, {"$set": change}))
    if writes:
        database[Collection.TICKETS].bulk_write(writes, ordered=False)
    return [order.id_for(shop) for order in orders]


def claim_unpublished(
    database: Database[dict[str, Any]], ids: Iterable[str], now: datetime
) -> tuple[str, list[Ticket]]:
    """(the claim, the tickets that are this caller's to publish); nobody else gets them until the claim runs out."""
    claim = secrets.token_hex(8)
    free = {
        "_id": {"$in": sorted(ids)},
        "state": TicketState.REQUESTED,
        "published_at": None,
        "claimed_until": {"$lte": now},
    }
    tickets = database[Collection.TICKETS]
    if not tickets.update_many(free, {"$set": {"claim": claim, "claimed_until": now + CLAIM}}).modified_count:
        return claim, []
    return claim, [cast(Ticket, document) for document in tickets.find({"claim": claim}).sort("_id", 1)]


def note_published(
    database: Database[dict[str, Any]], claim: str, tickets: Iterable[Ticket], request_id: str, now: datetime
) -> None:
    """The broker has the request of these tickets."""
    mine = {"_id": {"$in": [ticket["_id"] for ticket in tickets]}, "claim": claim}
    change = {"published_at": now, "request_id": request_id, "claim": None, "claimed_until": now}
    database[Collection.TICKETS].update_many(mine, {"$set": change})
