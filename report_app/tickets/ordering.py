"""Orders reports anew: what a page could not show, and what a person asks for."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_login import current_user
from pymongo.database import Database

from contracts.messages import REQUEST_VERSION, RequestedScope, RequestMessage
from contracts.names import DueGroup
from contracts.tickets import RequestKind, Ticket
from contracts.zones import hour_of_key, local_date
from report_app.attempts import counted
from report_app.audit import record
from report_app.reading.calendar import hours_on_calendar
from report_app.reading.merchants import Merchant
from report_app.reading.reports import Part, State
from report_app.reading.tickets import id_of, tickets_by_id
from report_app.services import Services, services
from report_app.tickets.book import claim_unpublished, note_published, open_tickets
from report_app.tickets.publishing import RequestPublisher
from report_app.tickets.rules import Order

EXTENSION = "footfall_requests"
SCOPES_A_MESSAGE = 5_000
QUOTA_WINDOW = timedelta(hours=1)
REBUILD_ASKED = "rebuild_asked"


class QuotaReached(RuntimeError):
    """Persons asked more often for rebuilds of a shop than an hour allows; `str` of it says what was asked for."""

    def __init__(self, what: str = "The reports of this shop were asked for") -> None:
        super().__init__(what)


def ticketed(shop: Merchant, hours: Iterable[Part] = (), days: Iterable[Part] = ()) -> list[Ticket]:
    """The tickets of parts that are no number, by id; those of damaged and missing reports are opened and published.

    Of a backup none: nobody is at work, and nothing can be ordered.
    """
    known = services()
    lost = [(DueGroup.HOUR, part) for part in hours] + [(DueGroup.DAY, part) for part in days]
    if not lost or known.shown:
        return []
    orders = _orders(known.database, shop, [(group, part) for group, part in lost if _is_to_be_ordered(part)])
    if orders:
        ids = open_tickets(known.database, shop, orders, known.now())
        _publish(known, shop, ids, is_asked=False)
    found = tickets_by_id(known.database, (id_of(shop, group, part.scope) for group, part in lost))
    return [found[id_] for id_ in sorted(found)]


def ask_for(shop: Merchant, first: date, last: date) -> list[Ticket]:
    """Orders every report of the days that is on the calendar, for the signed-in user; raises QuotaReached."""
    known = services()
    now = known.now()
    if counted(known.database, f"asked/{shop.id}", now, QUOTA_WINDOW) > known.settings.request_quota_per_hour:
        raise QuotaReached
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    orders = []
    for day, keys in sorted(hours_on_calendar(known.database, shop.edition, days).items()):
        orders.append(Order(DueGroup.HOUR, day.isoformat(), RequestKind.ASKED, set(keys)))
        orders.append(Order(DueGroup.DAY, day.isoformat(), RequestKind.ASKED, {day.isoformat()}))
    asked = {"first": first.isoformat(), "last": last.isoformat(), "tickets": len(orders)}
    record(known.database, current_user.email, shop.id, REBUILD_ASKED, now, **asked)
    ids = open_tickets(known.database, shop, orders, now) if orders else []
    _publish(known, shop, ids, is_asked=True)
    found = tickets_by_id(known.database, ids)
    return [found[id_] for id_ in sorted(found)]


def _is_to_be_ordered(part: Part) -> bool:
    """A failed ticket is looked at too: after a day it has its attempts again."""
    return part.state in (State.AGAIN, State.FAILED)


def _orders(database: Database[dict[str, Any]], shop: Merchant, lost: list[tuple[DueGroup, Part]]) -> list[Order]:
    """One a group and local day; with one damaged hour all hours of its day are ordered, and computed in one go."""
    found: dict[str, Order] = {}
    for group, part in lost:
        day = part.scope if group is DueGroup.DAY else local_date(shop.zone, hour_of_key(part.scope)).isoformat()
        order = found.setdefault(f"{group}/{day}", Order(group, day, RequestKind.MISSING))
        order.scopes.add(part.scope)
        if not part.is_missing:
            order.kind = RequestKind.DAMAGED
    hourly = [order for order in found.values() if order.group is DueGroup.HOUR]
    if hourly:
        calendar = hours_on_calendar(database, shop.edition, [date.fromisoformat(order.day) for order in hourly])
        for order in hourly:
            order.scopes |= calendar.get(date.fromisoformat(order.day), set())
    return list(found.values())


def _publish(known: Services, shop: Merchant, ids: list[str], is_asked: bool) -> None:
    """Publishes what nobody has published, as long as the shop's quota lasts; what is left the next view tries again."""
    now = known.now()
    claim, tickets = claim_unpublished(known.database, ids, now)
    if not tickets or not (is_asked or _is_within_quota(known, shop, now)):
        return
    for some in _by_size(tickets):
        message = _message(shop, some, claim, now)
        if not publisher().publish([message]):
            return
        note_published(known.database, claim, some, message["request_id"], known.now())


def _is_within_quota(known: Services, shop: Merchant, now: datetime) -> bool:
    count = counted(known.database, f"requests/{shop.id}", now, QUOTA_WINDOW)
    return count <= known.settings.request_quota_per_hour


def publisher() -> RequestPublisher:
    """The running app's."""
    found: RequestPublisher = current_app.extensions[EXTENSION]
    return found


def _by_size(tickets: list[Ticket]) -> Iterator[list[Ticket]]:
    """Tickets of so many scopes that one message holds them: all of them, unless a year and more is damaged."""
    some: list[Ticket] = []
    count = 0
    for ticket in tickets:
        if some and count + len(ticket["scopes"]) > SCOPES_A_MESSAGE:
            yield some
            some, count = [], 0
        some.append(ticket)
        count += len(ticket["scopes"])
    yield some


def _message(shop: Merchant, tickets: list[Ticket], claim: str, now: datetime) -> RequestMessage:
    kinds = {ticket["kind"] for ticket in tickets}
    kind = next(kind for kind in (RequestKind.ASKED, RequestKind.DAMAGED, RequestKind.MISSING) if kind in kinds)
    first = hashlib.sha256(f"{claim}/{tickets[0]['_id']}".encode()).hexdigest()[:16]
    return RequestMessage(
        v=REQUEST_VERSION,
        request_id=first,
        merchant=shop.id,
        kind=str(kind),
        scopes=[RequestedScope(group=one["group"], key=key) for one in tickets for key in one["scopes"]],
        settings_version=shop.settings_version,
        requested_at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
