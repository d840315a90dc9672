"""The job's side of an order to change settings (`next` of a merchant's document): which is next, and how far it is."""

import logging

from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.names import Collection
from contracts.shop_settings import MOST_ATTEMPTS, ChangeState
from spark_jobs.database import Document
from spark_jobs.merchants import Merchant, merchant_of_document

log = logging.getLogger("footfall.job")


def take_next(database: Database[Document]) -> Merchant | None:
    """The shop whose change was ordered first of those that may be built, one attempt more; None where there is none."""
    _fail_spent(database)
    found = database[Collection.MERCHANTS].find_one_and_update(
        {"next.state": ChangeState.BUILDING},
        {"$inc": {"next.attempts": 1}},
        sort=[("next.ordered_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return None if found is None else merchant_of_document(found)


def note_progress(database: Database[Document], merchant: Merchant, scopes: int, computed: int) -> bool:
    """False where the order does not stand any more: it was cancelled."""
    progress = {"next.scopes": scopes, "next.computed": computed}
    return database[Collection.MERCHANTS].update_one(order_of(merchant), {"$set": progress}).matched_count == 1


def order_of(merchant: Merchant) -> Document:
    """A query: the shop, as long as it has the settings, and the order, that the job read."""
    if merchant.next is None:
        raise ValueError(f"No change of the settings of {merchant.id} is ordered.")
    return {
        "_id": merchant.id,
        "settings_version": merchant.settings_version,
        "next.settings_version": merchant.next.settings_version,
    }


def _fail_spent(database: Database[Document]) -> None:
    """Those that have had their attempts; a line at ERROR says it to whoever watches."""
    spent = {"next.state": ChangeState.BUILDING, "next.attempts": {"$gte": MOST_ATTEMPTS}}
    for one in list(database[Collection.MERCHANTS].find(spent, {"_id": 1})):
        change = {"$set": {"next.state": ChangeState.FAILED}}
        if database[Collection.MERCHANTS].update_one({"_id": one["_id"], **spent}, change).modified_count:
            log.error("alert: settings could not be changed in %d attempts: shop=%s", MOST_ATTEMPTS, one["_id"])
