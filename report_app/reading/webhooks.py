"""Reads a shop's webhooks and their delivery logs."""

import re
from typing import Any, cast

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from contracts.names import Collection
from contracts.webhooks import Delivery, Webhook

NEWEST = 50
_WEBHOOK_ID = re.compile(r"[0-9a-f]{20}")
_DELIVERY_ID = re.compile(r"[0-9a-f]{32}")


def read_webhooks(database: Database[dict[str, Any]], merchant: str) -> list[Webhook]:
    """Oldest first."""
    found = database[Collection.WEBHOOKS].find({"merchant": merchant}).sort("created_at", ASCENDING)
    return [cast(Webhook, one) for one in found]


def read_webhook(database: Database[dict[str, Any]], merchant: str, id_: str) -> Webhook | None:
    """None where the shop has no such webhook."""
    if not _WEBHOOK_ID.fullmatch(id_):
        return None
    return cast(Webhook | None, database[Collection.WEBHOOKS].find_one({"_id": id_, "merchant": merchant}))


def read_deliveries(database: Database[dict[str, Any]], webhook: Webhook) -> list[Delivery]:
    """The newest, without their bodies."""
    found = database[Collection.WEBHOOK_DELIVERIES].find({"webhook": webhook["_id"]}, {"body": 0})
    return [cast(Delivery, one) for one in found.sort("created_at", DESCENDING).limit(NEWEST)]


def read_delivery(database: Database[dict[str, Any]], webhook: Webhook, id_: str) -> Delivery | None:
    """None where the webhook has no such delivery."""
    if not _DELIVERY_ID.fullmatch(id_):
        return None
    wanted = {"_id": id_, "webhook": webhook["_id"]}
    return cast(Delivery | None, database[Collection.WEBHOOK_DELIVERIES].find_one(wanted))
