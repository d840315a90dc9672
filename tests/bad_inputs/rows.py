"""What a row of the table says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.keys import KeyKind

KEPT_BYTES = 32 * 1024


class Door(StrEnum):
    """Where the bytes come in."""

    BATCH = "body of `/v1/batch`"
    TRACK = "body of `/v1/track`"
    MEMBER = "one message of a batch"
    MESSAGE = "the message in an envelope that a program put into the topic"
    ENVELOPE = "an envelope that a program put into the topic, with these fields"
    VALUE = "bytes that a program put into the topic"


@dataclass(frozen=True)
class Fate:
    """What must come of it: `counted` events, or one document of the inbox with `code`, or neither.

    `kept` are the bytes in the inbox where they are not those that were sent; `whole_value` says that they are the whole
    value of the topic's message, envelope included. `merchant` is whose inbox it is where it is not the sender's.
    `status` is the collector's answer.
    """

    counted: int = 0
    code: str | None = None
    status: int | None = None
    kept: bytes | None = None
    whole_value: bool = False
    merchant: str | None = None


@dataclass(frozen=True)
class BadInput:
    """`sent` None: a message without a value. `fields` replace those of a valid envelope around `sent`."""

    name: str
    door: Door
    sent: bytes | None
    fate: Fate
    kind: KeyKind = KeyKind.SERVER
    fields: Mapping[str, Any] = field(default_factory=dict)
    has_key: bool = True
    kafka_time_ms: int | None = None


COUNTED = Fate(counted=1)


def inbox(code: str, **details: Any) -> Fate:
    return Fate(code=code, **details)
