"""Who posts what: a process takes a webhook for a while, posts its oldest due delivery, and writes down what came of it.

One post at a time goes to a webhook, so that a receiver that hangs holds up its own deliveries only. What a process that
died had taken is free again when its lease has run out; the delivery then goes out with the same id.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database

from contracts.names import Collection
from contracts.webhooks import (
    LEASE,
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    MOST_LOGGED,
    SWITCHED_OFF_AFTER,
    Attempt,
    Delivery,
    DeliveryState,
    Webhook,
    WebhookState,
    delay_after,
)
from report_app.audit import record

SWITCHED_OFF = "webhook_switched_off"
BY_THE_PLATFORM = "footfall"
WAS_OFF = "The webhook was switched off before this was delivered."
_Database = Database[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Claimed:
    webhook: Webhook
    delivery: Delivery


def claim(database: _Database, now: datetime) -> Claimed | None:
    """The oldest delivery that is due and whose webhook is free; it is this process's until its lease runs out."""
    while delivery := _oldest_due(database, now):
        webhook = _take(database, delivery["webhook"], now)
        if webhook is None:
            _drop_without_webhook(database, delivery["webhook"], now)
            continue
        mine = database[Collection.WEBHOOK_DELIVERIES].find_one_and_update(
            _due(now) | {"_id": delivery["_id"]},
            {"$inc": {"attempts": 1}, "$set": {"next_attempt_at": now + LEASE}},
            return_document=ReturnDocument.AFTER,
        )
        if mine:
            return Claimed(webhook, cast(Delivery, mine))
        _release(database, webhook, {"busy_until": now})
    return None


def finish(database: _Database, claimed: Claimed, attempt: Attempt, now: datetime) -> None:
    """Writes the attempt down, says when the next one is, and frees the webhook."""
    webhook, delivery = claimed.webhook, claimed.delivery
    has_failed = bool(attempt["why"])
    state = DeliveryState.DELIVERED
    if has_failed:
        state = DeliveryState.WAITING if delivery["attempts"] < MOST_ATTEMPTS else DeliveryState.FAILED
    change = {"state": state, "next_attempt_at": now + delay_after(delivery["attempts"])}
    database[Collection.WEBHOOK_DELIVERIES].update_one(
        {"_id": delivery["_id"], "state": DeliveryState.WAITING},
        {"$set": change, "$push": {"log": {"$each": [attempt], "$slice": -MOST_LOGGED}}},
    )
    if has_failed:
        _note_failure(database, webhook, now)
    else:
        _release(database, webhook, {"busy_until": now, "failures": 0, "failing_since": None})


def give_up(database: _Database, webhook: str, now: datetime) -> None:
    """What waits for a webhook that is off fails, and says so."""
    attempt = Attempt(at=now, status=None, why=WAS_OFF, milliseconds=0)
    database[Collection.WEBHOOK_DELIVERIES].update_many(
        {"webhook": webhook, "state": DeliveryState.WAITING},
        {"$set": {"state": DeliveryState.FAILED}, "$push": {"log": {"$each": [attempt], "$slice": -MOST_LOGGED}}},
    )


def _due(now: datetime) -> dict[str, Any]:
    return {"state": DeliveryState.WAITING, "next_attempt_at": {"$lte": now}}


def _oldest_due(database: _Database, now: datetime) -> dict[str, Any] | None:
    if not database[Collection.WEBHOOK_DELIVERIES].find_one(_due(now), {"_id": 1}):
        return None
    not_free = {"$or": [{"busy_until": {"$gt": now}}, {"held_until": {"$gt": now}}], "state": WebhookState.ON}
    others = database[Collection.WEBHOOKS].distinct("_id", not_free)
    return database[Collection.WEBHOOK_DELIVERIES].find_one(
        _due(now) | {"webhook": {"$nin": others}}, {"webhook": 1}, sort=[("next_attempt_at", ASCENDING)]
    )


def _take(database: _Database, id_: str, now: datetime) -> Webhook | None:
    free = {"_id": id_, "state": WebhookState.ON, "busy_until": {"$lte": now}, "held_until": {"$lte": now}}
    taken = database[Collection.WEBHOOKS].find_one_and_update(
        free, {"$set": {"claim": uuid4().hex, "busy_until": now + LEASE}}, return_document=ReturnDocument.AFTER
    )
    return cast(Webhook, taken) if taken else None


def _drop_without_webhook(database: _Database, id_: str, now: datetime) -> None:
    """A delivery may be written while its webhook is switched off or removed."""
    if not database[Collection.WEBHOOKS].count_documents({"_id": id_, "state": WebhookState.ON}):
        give_up(database, id_, now)


def _note_failure(database: _Database, webhook: Webhook, now: datetime) -> None:
    failures, since = webhook["failures"] + 1, webhook["failing_since"] or now
    pause = min(delay_after(failures), LONGEST_PAUSE)
    change = {"busy_until": now, "held_until": now + pause, "failures": failures, "failing_since": since}
    if now - since >= SWITCHED_OFF_AFTER:
        why = f"No delivery succeeded for {SWITCHED_OFF_AFTER.days} days."
        record(database, BY_THE_PLATFORM, webhook["merchant"], SWITCHED_OFF, now, webhook=webhook["_id"], why=why)
        change |= {"state": WebhookState.OFF, "off_because": why}
    _release(database, webhook, change)
    if "state" in change:
        give_up(database, webhook["_id"], now)


def _release(database: _Database, webhook: Webhook, change: dict[str, Any]) -> None:
    """Where the lease has run out the webhook is another's, and stays so."""
    mine = {"_id": webhook["_id"], "claim": webhook["claim"]}
    database[Collection.WEBHOOKS].update_one(mine, {"$set": change | {"claim": None}})
