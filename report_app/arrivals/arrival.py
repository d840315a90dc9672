"""One message of the events topic, as far as a person of its shop may look at it. Pure."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.keys import KeyKind
from contracts.messages import ENVELOPE_VERSION

Place = tuple[int, int]
"""Partition and offset."""
MOST_CHARACTERS = 40_000
_LONG = "too long to be shown"


@dataclass(frozen=True, slots=True)
class Arrival:
    """`text` is the client's message, whole; it is masked before anybody sees it. `copy_key` is equal for copies."""

    place: Place
    envelope_id: str
    received_at: datetime
    key_kind: str
    key_generation: int
    door: str
    text: str
    type: str
    event: str
    code: str | None
    field: str | None
    copy_key: tuple[str, str] | None

    @property
    def order(self) -> tuple[datetime, str]:
        """In which of two copies the first one counts."""
        return self.received_at, self.envelope_id


def arrival_of(value: bytes | None, place: Place, merchant: str) -> Arrival | None:
    """None for what is no envelope of ours, or another shop's; most of these cost a look for the shop's name."""
    if value is None or merchant.encode() not in value:
        return None
    try:
        envelope = json.loads(value)
        if envelope["v"] != ENVELOPE_VERSION or envelope["merchant"] != merchant:
            return None
        return _arrival(envelope, place)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _arrival(envelope: dict[str, Any], place: Place) -> Arrival:
    text = envelope["message"] if isinstance(envelope["message"], str) else ""
    message = _message(text)
    reject = envelope["reject"] or {}
    return Arrival(
        place=place,
        envelope_id=str(envelope["envelope_id"]),
        received_at=datetime.fromisoformat(envelope["received_at"]).astimezone(UTC),
        key_kind=str(KeyKind(envelope["key_kind"])),
        key_generation=int(envelope["key_generation"]),
        door=str(envelope["source"]["door"]),
        text=text if len(text) <= MOST_CHARACTERS else _LONG,
        type=_text(message.get("type")) or str(envelope["source"]["door"]).rpartition("/")[2],
        event=_text(message.get("event")),
        code=reject.get("code"),
        field=reject.get("field"),
        copy_key=_copy_key(envelope, message),
    )


def _message(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if len(text) <= MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _copy_key(envelope: dict[str, Any], message: dict[str, Any]) -> tuple[str, str] | None:
    """Copies are sent again as they were, so that their times are the same text."""
    time = _text(message.get("originalTimestamp")) or _text(message.get("timestamp"))
    return (str(envelope["message_id"]), time) if envelope["message_id"] else None


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
