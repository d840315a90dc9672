"""Orders of people who are forgotten: most go whole; of one with events of several people those of the others stay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pymongo import DeleteOne
from pymongo.database import Database

from contracts.chunks import chunks
from contracts.erasures import Forgotten
from contracts.names import Collection
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.failures import TransientError
from spark_jobs.forget_people.documents import held
from spark_jobs.merchants import Merchant
from spark_jobs.orders import StoredOrder, order_scopes, places, stored_order, write_orders

_CHUNK = 500


@dataclass(slots=True)
class HeldOrders:
    """Nothing is written yet. `gone`: those of which nothing is left; `changed`: those that count elsewhere, or less."""

    gone: list[StoredOrder]
    changed: list[StoredOrder]
    scopes: set[Scope]


def held_orders(database: Database[Document], forgotten: Forgotten, merchants: Mapping[str, Merchant]) -> HeldOrders:
    """`scopes`: where the orders count, and where what is left of them will. Orders of a shop that is gone count nowhere."""
    found = HeldOrders([], [], set())
    for document, left in held(database, Collection.ORDERS, forgotten):
        order, merchant = stored_order(document), merchants.get(document["merchant"])
        events = [] if left is None else stored_order(left).events
        now = order_scopes(events, merchant) if merchant else set()
        if merchant:
            found.scopes |= {scope for scope, _ in places(now, order.scopes, merchant)}
        if events:
            found.changed.append(replace(order, events=events, scopes=sorted(scope.id for scope in now)))
        else:
            found.gone.append(order)
    return found


def erase_orders(database: Database[Document], orders: HeldOrders) -> int:
    """Answers how many orders went or changed. Raises TransientError where one changed since it was read."""
    write_orders(database, orders.changed)
    for some in chunks(orders.gone, _CHUNK):
        _remove(database, some)
    return len(orders.gone) + len(orders.changed)


def _remove(database: Database[Document], orders: Iterable[StoredOrder]) -> None:
    writes = [DeleteOne({"_id": order.id, "revision": order.revision}) for order in orders]
    if database[Collection.ORDERS].bulk_write(writes, ordered=False).deleted_count != len(writes):
        raise TransientError("An order changed while its person was forgotten: the round is tried again.")
