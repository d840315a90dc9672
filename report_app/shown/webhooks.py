"""Webhooks and their deliveries in words."""

from dataclasses import dataclass

from contracts.webhooks import Delivery, DeliveryKind, DeliveryState, Webhook, WebhookState
from report_app.formats import Formats

_KINDS = {DeliveryKind.READY: "Reports ready", DeliveryKind.TEST: "Test"}
_STATES = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Failed",
}


@dataclass(frozen=True, slots=True)
class ShownWebhook:
    """`state` is one of On, Failing, Off; `note` says since when, or why."""

    id: str
    url: str
    is_on: bool
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """`when` is that of the last attempt, else of the message; `next` is empty where none is to come."""

    id: str
    what: str
    subject: str
    state: str
    is_waiting: bool
    is_failed: bool
    attempts: str
    status: str
    why: str
    when: str
    next: str


def shown_webhook(webhook: Webhook, formats: Formats) -> ShownWebhook:
    is_on = webhook["state"] == WebhookState.ON
    since = webhook["failing_since"]
    if not is_on:
        state, note = "Off", webhook["off_because"] or "Switched off by a user."
    elif since:
        state, note = "Failing", f"No delivery has succeeded since {formats.moment(since)}."
    else:
        state, note = "On", f"Added {formats.moment(webhook['created_at'])}."
    return ShownWebhook(webhook["_id"], webhook["url"], is_on, state, note)


def shown_delivery(delivery: Delivery, formats: Formats) -> ShownDelivery:
    last = delivery["log"][-1] if delivery["log"] else None
    state = DeliveryState(delivery["state"])
    is_waiting = state is DeliveryState.WAITING
    return ShownDelivery(
        id=delivery["_id"],
        what=_KINDS[DeliveryKind(delivery["kind"])],
        subject=delivery["subject"] if delivery["kind"] == DeliveryKind.READY else "",
        state=_STATES[state],
        is_waiting=is_waiting,
        is_failed=state is DeliveryState.FAILED,
        attempts=formats.count(delivery["attempts"]),
        status=str(last["status"]) if last and last["status"] else "–",
        why=last["why"] if last else "",
        when=formats.moment(last["at"] if last else delivery["created_at"], with_seconds=True),
        next=formats.moment(delivery["next_attempt_at"], with_seconds=True) if is_waiting and last else "",
    )
