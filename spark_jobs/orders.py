"""The collection `orders`: each order's set of events, kept so that a fold needs no search through the archive.

Events are written by `process_events` alone, by union and compare-and-set, so that a second attempt changes nothing;
`change_settings` adds where they count.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from contracts.archive import Flag
from contracts.chunks import chunks
from contracts.names import Collection, DueGroup
from contracts.restatements import Why
from contracts.zones import hour_key, hour_start, local_date
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope, scope_of_id
from spark_jobs.failures import PermanentError, TransientError
from spark_jobs.merchants import Merchant, editions_of
from spark_jobs.report_documents import day_of
from spark_jobs.rules.goods import Amounts, Line
from spark_jobs.rules.orders import OrderEvent, beyond_limit, fold, merged
from spark_jobs.world import is_world_away

_CHUNK = 5_000
_DUPLICATE_KEY = 11_000


@dataclass(slots=True)
class StoredOrder:
    """An order as it stands: its events, and the ids of the scopes (hours and days) on which it counts."""

    id: str
    merchant: str
    order_id: str | None
    events: list[OrderEvent]
    revision: int = 0
    scopes: list[str] = field(default_factory=list)


def order_key(merchant: str, order_id: str | None, message_id: str) -> str:
    """An order without an id is keyed by the message that opened it."""
    return f"{merchant}/o/{order_id}" if order_id is not None else f"{merchant}/m/{message_id}"


def key_of(row: Mapping[str, Any]) -> str:
    """The key of an archived row's order."""
    return order_key(row["merchant"], row["order"]["order_id"], row["message_id"])


def event_of_row(row: dict[str, Any]) -> OrderEvent:
    """An archived row (columns of contracts.archive) as an order's event."""
    order = row["order"]
    lines = order["lines"]
    return OrderEvent(
        message_id=row["message_id"],
        envelope_id=row["envelope_id"],
        event_time=row["event_time"],
        received_at=row["received_at"],
        name=row["event"],
        currency=order["currency"],
        is_currency_given=Flag.NO_CURRENCY not in (row["flags"] or ()),
        amounts=Amounts(**{name: order[name] for name in _AMOUNTS}),
        lines=None if lines is None else tuple(_line(line) for line in lines),
        refund_id=order["refund_id"],
        coupon=order["coupon"],
        anonymous_id=row["anonymous_id"],
        user_id=row["user_id"],
        flags=tuple(row["flags"] or ()),
    )


_AMOUNTS = ("total", "revenue", "subtotal", "tax", "shipping", "discount")


def _line(line: dict[str, Any]) -> Line:
    return Line(
        product=line["product"],
        quantity_milli=line["quantity_milli"] or 0,
        amount=line["amount"] or 0,
        price=line["price"],
        discount=line["discount"] or 0,
        name=line["name"],
        brand=line["brand"],
        category=line["category"],
        variant=line["variant"],
        coupon=line["coupon"],
    )


def read_orders(database: Database[Document], ids: Iterable[str]) -> dict[str, StoredOrder]:
    wanted = sorted(set(ids))
    found: dict[str, StoredOrder] = {}
    for chunk in chunks(wanted, _CHUNK):
        for document in database[Collection.ORDERS].find({"_id": {"$in": chunk}}):
            found[document["_id"]] = stored_order(document)
    return found


def orders_counting_on(database: Database[Document], scopes: Iterable[Scope]) -> Iterator[StoredOrder]:
    """The orders that count on one of the scopes; one that counts on several may come more than once."""
    wanted = sorted({scope.id for scope in scopes})
    for chunk in chunks(wanted, _CHUNK):
        for document in database[Collection.ORDERS].find({"scopes": {"$in": chunk}}):
            yield stored_order(document)


def orders_of(database: Database[Document], merchant: str, ids: Iterable[str] | None = None) -> Iterator[StoredOrder]:
    """Every order of the merchant, or those of `ids`."""
    query = {"$gte": f"{merchant}/", "$lt": f"{merchant}0"} if ids is None else {"$in": list(ids)}
    return map(stored_order, database[Collection.ORDERS].find({"_id": query}))


def stored_order(document: Document) -> StoredOrder:
    """A document of `orders`."""
    return StoredOrder(
        id=document["_id"],
        merchant=document["merchant"],
        order_id=document["order_id"],
        events=[_event(item) for item in document["events"]],
        revision=document["revision"],
        scopes=document["scopes"],
    )


def _event(item: Document) -> OrderEvent:
    lines = None if item["lines"] is None else tuple(Line(**line) for line in item["lines"])
    return OrderEvent(
        **{**item, "amounts": Amounts(**item["amounts"]), "flags": tuple(item["flags"]), "lines": lines},
    )


def _document(order: StoredOrder) -> Document:
    return {
        "_id": order.id,
        "merchant": order.merchant,
        "order_id": order.order_id,
        "events": [asdict(event) for event in order.events],
        "revision": order.revision + 1,
        "scopes": order.scopes,
    }


@dataclass(slots=True)
class OrderChanges:
    """What a batch's order events make of the orders, nothing written yet; `scopes`: where they count or counted.

    `causes`: why their numbers would change if their days were closed.
    """

    changed: list[StoredOrder]
    causes: dict[Scope, set[Why]]

    @property
    def scopes(self) -> set[Scope]:
        return set(self.causes)


def changes_of(
    stored: dict[str, StoredOrder], rows: list[dict[str, Any]], merchants: dict[str, Merchant]
) -> OrderChanges:
    """Merges archived rows into the orders."""
    changes = OrderChanges([], {})
    for (merchant_id, key, order_id), events in _by_order(rows).items():
        merchant = merchants[merchant_id]
        order = stored.get(key) or StoredOrder(key, merchant.id, order_id, [])
        events_now = merged(order.events, events)
        scopes = order_scopes(events_now, merchant)
        for scope, edition in places(scopes, order.scopes, merchant):
            last = max(local_date(edition.time_zone, event.event_time) for event in events)
            is_later = last > day_of(scope, edition)
            changes.causes.setdefault(scope, set()).add(Why.REFUND if is_later else Why.LATE)
        if events_now != order.events:
            ids = sorted(scope.id for scope in scopes)
            changes.changed.append(StoredOrder(order.id, merchant.id, order_id, events_now, order.revision, ids))
    return changes


def order_scopes(events: Iterable[OrderEvent], merchant: Merchant) -> set[Scope]:
    """The local hours and days on which an order of these events counts, in each edition of the merchant's reports."""
    postings = fold(events, merchant.terms)
    editions = editions_of([merchant]).values()
    return {scope for one in editions for posting in postings for scope in scopes_of_instant(one, posting.at)}


def places(now: set[Scope], before: Iterable[str], merchant: Merchant) -> Iterator[tuple[Scope, Merchant]]:
    """Where an order counts or counted (ids of scopes), each with its edition; those of former editions are left out."""
    editions = editions_of([merchant])
    for scope in sorted(now | {scope_of_id(id_) for id_ in before}):
        if scope.edition in editions:
            yield scope, editions[scope.edition]


def scopes_of_instant(merchant: Merchant, at: datetime) -> tuple[Scope, Scope]:
    """The local hour and the local day of this edition that hold the instant."""
    hour = Scope(merchant.edition, DueGroup.HOUR, hour_key(hour_start(merchant.time_zone, at)))
    return hour, Scope(merchant.edition, DueGroup.DAY, local_date(merchant.time_zone, at).isoformat())


def _by_order(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str | None], list[OrderEvent]]:
    groups: dict[tuple[str, str, str | None], list[OrderEvent]] = {}
    for row in rows:
        order_id = row["order"]["order_id"]
        key = (row["merchant"], order_key(row["merchant"], order_id, row["message_id"]), order_id)
        groups.setdefault(key, []).append(event_of_row(row))
    return groups


def without_room(stored: dict[str, StoredOrder], rows: list[dict[str, Any]]) -> set[str]:
    """Envelope ids of rows whose order has its 200 events already."""
    refused: set[str] = set()
    for key, events in _by_order(rows).items():
        held = stored[key[1]].events if key[1] in stored else []
        message_ids = beyond_limit(held, events)
        refused |= {event.envelope_id for event in events if event.message_id in message_ids}
    return refused


def write_orders(database: Database[Document], changed: list[StoredOrder]) -> None:
    """Replaces each order whose revision is still the one that was read; raises TransientError where it is not.

    Raises PermanentError where the database refuses an order, without its content.
    """
    collection = database[Collection.ORDERS]
    for chunk in chunks(changed, _CHUNK):
        writes = [
            InsertOne(_document(order))
            if order.revision == 0
            else ReplaceOne({"_id": order.id, "revision": order.revision}, _document(order))
            for order in chunk
        ]
        replaced = sum(order.revision > 0 for order in chunk)
        try:
            result = collection.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            _raise_if_refused(error)
            raise TransientError("An order changed while it was merged: the batch is tried again.") from error
        if result.matched_count != replaced:
            raise TransientError("An order changed while it was merged: the batch is tried again.")


def _raise_if_refused(error: BulkWriteError) -> None:
    refused = [one for one in (error.details or {}).get("writeErrors", []) if one["code"] != _DUPLICATE_KEY]
    if is_world_away(error):
        raise error
    if refused:
        why = f"{refused[0]['errmsg']} (code {refused[0]['code']})"
        raise PermanentError(f"The database refuses {len(refused)} orders: {why}.") from None
