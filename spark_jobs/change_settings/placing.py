"""Orders learn on which hours and days they count under the next settings; their events stay as they are."""

from pymongo import UpdateOne
from pymongo.database import Database

from contracts.chunks import chunks
from contracts.names import Collection
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.failures import TransientError
from spark_jobs.merchants import Merchant
from spark_jobs.orders import StoredOrder, order_scopes, orders_of

_CHUNK = 1_000
_ROUNDS = 5


def place_orders(database: Database[Document], merchant: Merchant) -> set[Scope]:
    """The next edition's scopes on which an order counts. Raises TransientError where batches keep changing one."""
    found: set[Scope] = set()
    for chunk in chunks(orders_of(database, merchant.id), _CHUNK):
        found |= _place(database, merchant, chunk)
    return {scope for scope in found if merchant.next is not None and scope.edition == merchant.next.edition}


def _place(database: Database[Document], merchant: Merchant, orders: list[StoredOrder]) -> set[Scope]:
    """An order that changed since it was read is read again: whoever changed it knew, or did not know, of the order."""
    found: set[Scope] = set()
    for _ in range(_ROUNDS):
        placed = [(order, order_scopes(order.events, merchant)) for order in orders]
        found |= {scope for _, scopes in placed for scope in scopes}
        writes = [_write(order, scopes) for order, scopes in placed if not _knows(order, scopes)]
        if not writes or database[Collection.ORDERS].bulk_write(writes, ordered=False).matched_count == len(writes):
            return found
        ids = [order.id for order in orders]
        orders = list(orders_of(database, merchant.id, ids))
    raise TransientError(f"Orders of {merchant.id} change again and again: it is tried again.")


def _knows(order: StoredOrder, scopes: set[Scope]) -> bool:
    return {scope.id for scope in scopes} <= set(order.scopes)


def _write(order: StoredOrder, scopes: set[Scope]) -> UpdateOne:
    change = {"$set": {"scopes": sorted(scope.id for scope in scopes)}, "$inc": {"revision": 1}}
    return UpdateOne({"_id": order.id, "revision": order.revision}, change)
