"""Envelopes: what the collector adds to a message.

The shape is `contracts.messages.Envelope`; the structs here are the same for quick encoding.
"""

import time
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
from uuid_utils import uuid7

from collector.splitting import Member, Reject
from contracts.keys import WriteKey
from contracts.messages import ENVELOPE_VERSION

ADAPTER_VERSION = 1
RAW_BYTES = 32 * 1024


class Source(msgspec.Struct, omit_defaults=True):
    door: str
    adapter: int
    raw: str | None = None


class Envelope(msgspec.Struct):
    v: int
    envelope_id: str
    merchant: str
    key_kind: str
    key_generation: int
    received_at: str
    sent_at: str | None
    message_id: str | None
    ip: str | None
    user_agent: str | None
    source: Source
    reject: dict[str, str | None] | None
    repair: None
    context: str | None
    message: str | None


class Arrival(NamedTuple):
    """What all envelopes of one request share."""

    key: WriteKey
    received_at: str
    door: str
    ip: str | None
    user_agent: str | None
    sent_at: str | None = None
    context: str | None = None
    adapter: int = ADAPTER_VERSION


_encode = msgspec.json.Encoder().encode


def received_now() -> str:
    """`2026-11-24T14:32:48.123Z`."""
    return _utc(time.time_ns() // 1_000_000)


@lru_cache(maxsize=2)
def _utc(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def envelope_of(arrival: Arrival, member: Member) -> bytes:
    """The value of one message on `footfall.events.v1`; raw bytes are bounded to 32 KB, unless a message was made of them."""
    most = RAW_BYTES if member.text is None else None
    raw = None if member.raw is None else b64encode(member.raw[:most]).decode()
    return _encode(
        Envelope(
            v=ENVELOPE_VERSION,
            envelope_id=str(uuid7()),
            merchant=arrival.key.merchant,
            key_kind=str(arrival.key.kind),
            key_generation=arrival.key.generation,
            received_at=arrival.received_at,
            sent_at=arrival.sent_at,
            message_id=member.message_id,
            ip=arrival.ip,
            user_agent=arrival.user_agent,
            source=Source(arrival.door, arrival.adapter, raw),
            reject=None if member.reject is None else _reject(member.reject),
            repair=None,
            context=arrival.context,
            message=member.text,
        )
    )


def _reject(reject: Reject) -> dict[str, str | None]:
    return {"code": str(reject.code), "field": reject.field}
