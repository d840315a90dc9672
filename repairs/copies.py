"""Repaired copies: the envelope of the first arrival, with another message and an id that is the same at every try. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.inbox import Attempt, returned_id
from contracts.messages import MAX_MESSAGE_BYTES, Repair, json_bytes
from repairs.rules import RULES_VERSION

RECORD_BYTES = 1_024
"""What Kafka adds to a value, and more; the topic's limit holds for both."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`attempt` counts from 1. `order` is the replay that asked for it, if one did."""

    arrival: str
    attempt: int
    envelope: dict[str, Any]
    text: str
    rule: str
    order: str | None = None

    def value(self) -> bytes:
        """The message for `footfall.events.v1`: key, times and sender are those of the arrival."""
        source = {name: value for name, value in (self.envelope.get("source") or {}).items() if name != "raw"}
        error = self.arrival if self.attempt == 1 else returned_id(self.arrival, self.attempt - 1)
        changed = {
            "envelope_id": returned_id(self.arrival, self.attempt),
            "source": source,
            "reject": None,
            "repair": Repair(error_id=error, attempt=self.attempt, rules_version=RULES_VERSION),
            "message": self.text,
        }
        envelope = self.envelope | changed
        try:
            return json_bytes(envelope)
        except UnicodeEncodeError:
            # half a surrogate pair has no bytes of its own, only an escape
            return json.dumps(envelope, separators=(",", ":")).encode("ascii")

    def as_attempt(self, now: datetime) -> Attempt:
        return Attempt(
            attempt=self.attempt,
            rule=self.rule,
            rules_version=RULES_VERSION,
            order=self.order,
            message=self.text,
            sent_at=now,
            outcome=None,
        )


def is_too_large(value: bytes) -> bool:
    """Whether the topic would not take it."""
    return len(value) > MAX_MESSAGE_BYTES - RECORD_BYTES
