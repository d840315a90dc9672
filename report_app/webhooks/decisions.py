"""What a person does with a shop's webhooks. Every decision stands in the audit before it is carried out."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask_login import current_user

from contracts.names import Collection
from contracts.webhooks import (
    MOST_WEBHOOKS,
    OLD_SECRET_SIGNS_FOR,
    Delivery,
    DeliveryKind,
    DeliveryState,
    LiveSecret,
    Webhook,
    WebhookState,
    webhook_secret,
)
from outgoing.addresses import BadWebhook, is_literal, is_public, read_address
from report_app.attempts import counted
from report_app.audit import record
from report_app.reading.merchants import Merchant
from report_app.services import services
from report_app.webhooks.claims import SWITCHED_OFF, give_up
from report_app.webhooks.outbox import put

CREATED, REMOVED, SWITCHED_ON = "webhook_created", "webhook_removed", "webhook_switched_on"
SECRET_RENEWED, TESTED, SENT_AGAIN = "webhook_secret_renewed", "webhook_tested", "webhook_sent_again"
_WINDOW = timedelta(hours=1)


class TooOften(RuntimeError):
    """The webhooks of a shop were changed or tested more often than an hour allows."""


def create(shop: Merchant, url: str) -> tuple[Webhook, str]:
    """The webhook and its secret, which is not shown again. Raises BadWebhook or TooOften."""
    known = services()
    target = read_address(url)
    if is_literal(target.host) and not is_public(target.host) and not known.settings.webhook_private_addresses:
        raise BadWebhook("This address is not public.")
    if known.database[Collection.WEBHOOKS].count_documents({"merchant": shop.id}) >= MOST_WEBHOOKS:
        raise BadWebhook(f"A shop has {MOST_WEBHOOKS} webhooks at most: remove one first.")
    id_ = secrets.token_hex(10)
    now = _begin(shop, CREATED, id_, host=target.host)
    webhook = Webhook(
        _id=id_,
        merchant=shop.id,
        url=url,
        state=WebhookState.ON,
        secrets=[_next_secret([])],
        created_at=now,
        created_by=current_user.email,
        claim=None,
        busy_until=now,
        held_until=now,
        failures=0,
        failing_since=None,
        off_because=None,
    )
    known.database[Collection.WEBHOOKS].insert_one(dict(webhook))
    return webhook, secret_of(webhook)


def renew_secret(shop: Merchant, webhook: Webhook) -> str:
    """The new secret. The one before signs beside it for a day, so that the receiver can change over."""
    now = _begin(shop, SECRET_RENEWED, webhook["_id"])
    before = webhook["secrets"][0] | {"until": now + OLD_SECRET_SIGNS_FOR}
    renewed = webhook | {"secrets": [_next_secret(webhook["secrets"]), before]}
    _set(webhook, secrets=renewed["secrets"])
    return secret_of(renewed)


def switch_off(shop: Merchant, webhook: Webhook) -> None:
    now = _begin(shop, SWITCHED_OFF, webhook["_id"])
    _set(webhook, state=WebhookState.OFF, off_because=None)
    give_up(services().database, webhook["_id"], now)


def switch_on(shop: Merchant, webhook: Webhook) -> None:
    """It begins anew: what failed before does not count."""
    now = _begin(shop, SWITCHED_ON, webhook["_id"])
    _set(webhook, state=WebhookState.ON, off_because=None, failures=0, failing_since=None, held_until=now)


def remove(shop: Merchant, webhook: Webhook) -> None:
    """Its delivery log goes with it."""
    _begin(shop, REMOVED, webhook["_id"])
    database = services().database
    database[Collection.WEBHOOKS].delete_one({"_id": webhook["_id"]})
    database[Collection.WEBHOOK_DELIVERIES].delete_many({"webhook": webhook["_id"]})


def send_test(shop: Merchant, webhook: Webhook) -> str:
    """Id of the delivery. Raises BadWebhook where the webhook is off."""
    now = _begin_sending(shop, webhook, TESTED)
    content = {"merchant": shop.id, "at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return put(
        services().database, webhook["_id"], shop.id, DeliveryKind.TEST, f"test/{uuid4().hex}", {"v": 1, **content}, now
    )


def send_again(shop: Merchant, webhook: Webhook, delivery: Delivery) -> None:
    """With the same id, and all its attempts. Raises BadWebhook where the webhook is off."""
    now = _begin_sending(shop, webhook, SENT_AGAIN, delivery=delivery["_id"])
    services().database[Collection.WEBHOOK_DELIVERIES].update_one(
        {"_id": delivery["_id"], "state": {"$ne": DeliveryState.WAITING}},
        {"$set": {"state": DeliveryState.WAITING, "attempts": 0, "next_attempt_at": now}},
    )


def secret_of(webhook: Webhook) -> str:
    return webhook_secret(webhook["_id"], webhook["secrets"][0], services().settings.secrets_by_id())


def _begin(shop: Merchant, action: str, webhook: str, **what: Any) -> datetime:
    """Counts and records it. Raises TooOften."""
    known = services()
    now = known.now()
    if counted(known.database, f"webhooks/{shop.id}", now, _WINDOW) > known.settings.webhook_actions_per_hour:
        raise TooOften
    record(known.database, current_user.email, shop.id, action, now, webhook=webhook, **what)
    return now


def _begin_sending(shop: Merchant, webhook: Webhook, action: str, **what: Any) -> datetime:
    """A person who asks does not wait for the pause after a failure."""
    if webhook["state"] != WebhookState.ON:
        raise BadWebhook("The webhook is off: switch it on first.")
    now = _begin(shop, action, webhook["_id"], **what)
    _set(webhook, held_until=now)
    return now


def _next_secret(before: list[LiveSecret]) -> LiveSecret:
    key = next(iter(services().settings.secrets_by_id()))
    return LiveSecret(key=key, generation=before[0]["generation"] + 1 if before else 1, until=None)


def _set(webhook: Webhook, **fields: Any) -> None:
    services().database[Collection.WEBHOOKS].update_one({"_id": webhook["_id"]}, {"$set": fields})
