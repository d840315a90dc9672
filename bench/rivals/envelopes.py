"""Envelopes as the rivals in Python make them: from a valid key and messages that are Pydantic models, as FastAPI has them."""

from base64 import b64decode
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from contracts.events import MessageType
from contracts.keys import BadKey, WriteKey, read_key
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
