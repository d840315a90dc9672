"""The outbox: one delivery for each ready message and webhook of its shop, written once whoever hears the message."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.messages import ReadyMessage
from contracts.names import Collection
from contracts.webhooks import Delivery, DeliveryKind, DeliveryState, WebhookState, delivery_id


def fill(database: Database[dict[str, Any]], message: ReadyMessage) -> None:
    """For webhooks that were there when it became ready. Raises PyMongoError; calling it again is safe."""
    at = datetime.fromisoformat(message["at"])
    wanted = {"merchant": message["merchant"], "state": WebhookState.ON, "created_at": {"$lte": at}}
    for webhook in database[Collection.WEBHOOKS].find(wanted, {"_id": 1}):
        put(database, webhook["_id"], message["merchant"], DeliveryKind.READY, message["ready_id"], dict(message), at)


def put(
    database: Database[dict[str, Any]],
    webhook: str,
    merchant: str,
    kind: DeliveryKind,
    subject: str,
    content: dict[str, Any],
    now: datetime,
) -> str:
    """Its id; where it is there already, nothing changes."""
    id_ = delivery_id(webhook, subject)
    body = json.dumps({"type": kind, "delivery": id_, **content}, separators=(",", ":"))
    delivery = Delivery(
        _id=id_,
        webhook=webhook,
        merchant=merchant,
        kind=kind,
        subject=subject,
        body=body,
        state=DeliveryState.WAITING,
        attempts=0,
        next_attempt_at=now,
        log=[],
        created_at=now,
    )
    with suppress(DuplicateKeyError):
        database[Collection.WEBHOOK_DELIVERIES].insert_one(dict(delivery))
    return id_
