"""What the rivals in Python share: keys, envelopes and the producer. Messages are Pydantic models, as FastAPI has them."""

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from threading import Thread
from typing import Any
from uuid import uuid4

from confluent_kafka import KafkaError, Producer
from pydantic import BaseModel, ConfigDict

from contracts.events import MessageType
from contracts.keys import BadKey, WriteKey, read_key
from contracts.names import Topic
from contracts.settings import settings

_SECRETS = settings().secrets_by_id()


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: MessageType
    event: str | None = None
    messageId: str | None = None
    anonymousId: str | None = None
    userId: str | None = None
    timestamp: str | None = None
    context: dict[str, Any] = {}
    properties: dict[str, Any] = {}


class Batch(BaseModel):
    batch: list[Message]
    sentAt: str | None = None


class Envelope(BaseModel):
    v: int = 1
    envelope_id: str
    merchant: str
    key_kind: str
    key_generation: int
    received_at: str
    sent_at: str | None
    message_id: str | None
    user_agent: str | None
    message: str


def key_of(authorization: str | None) -> WriteKey | None:
    """The valid write key of a Basic authorization."""
    if not authorization or not authorization.startswith("Basic "):
        return None
    try:
        return _read(b64decode(authorization[6:]).decode().partition(":")[0])
    except (BadKey, ValueError):
        return None


@lru_cache(maxsize=10_000)
def _read(text: str) -> WriteKey:
    return read_key(text, _SECRETS)


def envelopes(key: WriteKey, batch: Batch, user_agent: str | None) -> list[bytes]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [_envelope(key, message, now, batch.sentAt, user_agent) for message in batch.batch]


def _envelope(key: WriteKey, message: Message, now: str, sent_at: str | None, user_agent: str | None) -> bytes:
    return (
        Envelope(
            envelope_id=str(uuid4()),
            merchant=key.merchant,
            key_kind=key.kind,
            key_generation=key.generation,
            received_at=now,
            sent_at=sent_at,
            message_id=message.messageId,
            user_agent=user_agent,
            message=message.model_dump_json(exclude_unset=True),
        )
        .model_dump_json()
        .encode()
    )


class Sender:
    """The producer, with the collector's own options, and a thread that serves its callbacks."""

    def __init__(self) -> None:
        options = {"acks": "all", "enable.idempotence": True, "linger.ms": 1, "compression.type": "lz4"}
        self._producer = Producer({"bootstrap.servers": settings().kafka_bootstrap, **options})
        Thread(target=self._serve, daemon=True).start()

    def send(self, values: list[bytes], done: Callable[[bool], object]) -> None:
        """`done` is called on another thread: with True once all are acknowledged, or with False."""
        left, is_well = len(values), True

        def on_delivery(error: KafkaError | None, _: object) -> None:
            nonlocal left, is_well
            left, is_well = left - 1, is_well and error is None
            if not left:
                done(is_well)

        for value in values:
            self._producer.produce(Topic.EVENTS, value, on_delivery=on_delivery)

    def _serve(self) -> None:
        while True:
            self._producer.poll(0.1)
