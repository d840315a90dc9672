"""Tickets of a shop: which reports were requested, and what became of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import Any, cast

from pymongo.database import Database

from contracts.names import Collection, DueGroup
from contracts.tickets import RequestKind, Ticket, TicketState, ticket_id
from contracts.zones import hour_of_key, local_date
from report_app.reading.merchants import Merchant

RECENT = 20
NEWEST_SHOWN = 200
ASKED_SHOWN = timedelta(hours=1)


def id_of(shop: Merchant, group: DueGroup, scope: str) -> str:
    """The ticket of an hour key or a local date."""
    day = scope if group is DueGroup.DAY else local_date(shop.zone, hour_of_key(scope)).isoformat()
    return ticket_id(shop.id, shop.settings_version, group, day)


def tickets_by_id(database: Database[dict[str, Any]], ids: Iterable[str]) -> dict[str, Ticket]:
    wanted = sorted(set(ids))
    found = database[Collection.TICKETS].find({"_id": {"$in": wanted}}) if wanted else ()
    return {document["_id"]: cast(Ticket, document) for document in found}


def failed_scopes(
    database: Database[dict[str, Any]], shop: Merchant, group: DueGroup, scopes: Iterable[str]
) -> set[str]:
    """Those of `scopes` whose ticket has failed."""
    by_scope = {scope: id_of(shop, group, scope) for scope in scopes}
    tickets = tickets_by_id(database, by_scope.values())
    return {scope for scope, id_ in by_scope.items() if id_ in tickets and tickets[id_]["state"] == TicketState.FAILED}


def newest_tickets(database: Database[dict[str, Any]], shop: Merchant) -> list[Ticket]:
    """The shop's tickets, newest first."""
    found = database[Collection.TICKETS].find({"merchant": shop.id}).sort("opened_at", -1).limit(NEWEST_SHOWN)
    return [cast(Ticket, document) for document in found]


def asked_tickets(database: Database[dict[str, Any]], shop: Merchant, now: datetime) -> list[Ticket]:
    """What persons asked for in the last hour."""
    query = {"merchant": shop.id, "opened_at": {"$gt": now - ASKED_SHOWN}, "kind": RequestKind.ASKED}
    return [cast(Ticket, document) for document in database[Collection.TICKETS].find(query)]


def usual_duration(database: Database[dict[str, Any]]) -> timedelta | None:
    """From request to report, of the rebuilds that ended last; null before the first."""
    query = {"state": TicketState.READY, "published_at": {"$ne": None}}
    fields = {"published_at": 1, "ready_at": 1}
    found = database[Collection.TICKETS].find(query, fields).sort("changed_at", -1).limit(RECENT)
    seconds = [(ticket["ready_at"] - ticket["published_at"]).total_seconds() for ticket in found]
    known = [value for value in seconds if value > 0]
    return timedelta(seconds=median(known)) if known else None
