"""Webhooks: where a shop wants its ready messages posted, the deliveries of the outbox, and how a post is signed."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

MOST_WEBHOOKS = 5
"""Of one shop."""
DELAYS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 43_200))
MOST_ATTEMPTS = len(DELAYS) + 1
LONGEST_PAUSE = timedelta(minutes=5)
"""While a receiver fails, its other deliveries wait too, at most so long between two attempts of any of them."""
SWITCHED_OFF_AFTER = timedelta(days=3)
LEASE = timedelta(seconds=30)
OLD_SECRET_SIGNS_FOR = timedelta(days=1)
LOG_KEPT = timedelta(days=7)
MOST_LOGGED = 20
"""Attempts that a delivery's log holds, the newest; a person may have it sent again."""


class WebhookState(StrEnum):
    ON = "on"
    OFF = "off"


class DeliveryKind(StrEnum):
    READY = "report.ready"
    TEST = "test"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class LiveSecret(TypedDict):
    """What a secret is derived from: the id of one of the platform's secrets, and a number. `until` is null for the newest."""

    key: str
    generation: int
    until: datetime | None


class Webhook(TypedDict):
    """A document of `webhooks`; times are UTC.

    `secrets` are newest first. One process at a time posts to it: the one whose `claim` it holds, until `busy_until`.
    `failures` counts failed attempts since the last success, `failing_since` is the first of them; nothing is posted
    before `held_until`. `off_because` is null unless the platform has switched it off.
    """

    _id: str
    merchant: str
    url: str
    state: str
    secrets: list[LiveSecret]
    created_at: datetime
    created_by: str
    claim: str | None
    busy_until: datetime
    held_until: datetime
    failures: int
    failing_since: datetime | None
    off_because: str | None


class Attempt(TypedDict):
    """`status` is null where there was no answer; `why` is empty where it was delivered."""

    at: datetime
    status: int | None
    why: str
    milliseconds: int


class Delivery(TypedDict):
    """A document of `webhook_deliveries`. `body` is posted as it stands; `attempts` counts since a person last asked."""

    _id: str
    webhook: str
    merchant: str
    kind: str
    subject: str
    body: str
    state: str
    attempts: int
    next_attempt_at: datetime
    log: list[Attempt]
    created_at: datetime


def delivery_id(webhook: str, subject: str) -> str:
    """The same for a webhook and ready id, whoever hears the message and how often."""
    return hashlib.sha256(f"{webhook}/{subject}".encode()).hexdigest()[:32]


def delay_after(attempts: int) -> timedelta:
    """Until the next attempt, after so many that failed."""
    return DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]


def webhook_secret(webhook: str, live: LiveSecret, secrets: Mapping[str, bytes]) -> str:
    """The text that the shop keeps. Nothing of it is stored. Raises KeyError where `secrets` lacks its key."""
    head = f"webhook/{webhook}/{live['generation']}"
    digest = hmac.new(secrets[live["key"]], head.encode(), hashlib.sha256).digest()
    return "whsec_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signature_header(body: bytes, at: datetime, secrets: Sequence[str]) -> str:
    """Value of `Footfall-Signature`: the time, and one `v1` for each live secret."""
    second = int(at.timestamp())
    signed = [hmac.new(one.encode(), b"%d." % second + body, hashlib.sha256).hexdigest() for one in secrets]
    return ",".join([f"t={second}", *(f"v1={one}" for one in signed)])
