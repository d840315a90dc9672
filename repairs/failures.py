"""A failure: a rejected arrival with its message as JSON, from what the error inbox holds. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.inbox import cause_id, cause_of
from repairs.json_text import read_value

FACTS = ("merchant", "code", "field", "place", "batch", "received_at", "event_hour")
"""Fields that an error message and its document have alike; beside them stand the bytes, original and envelope."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A rejected arrival (`attempt` 0), or a rejected copy of it.

    `facts` are the error message's fields and bytes as a document of the inbox has them. `envelope` is null where the
    bytes are none, `message` where the envelope holds no JSON text.
    """

    arrival: str
    attempt: int
    facts: dict[str, Any]
    cause: str
    event: str | None
    envelope: dict[str, Any] | None
    message: Any

    @property
    def code(self) -> str:
        return str(self.facts["code"])


def failure_of_facts(arrival: str, attempt: int, facts: dict[str, Any], text: str | None = None) -> Failure:
    """`text` is the message of the latest copy; without one it is the envelope's."""
    envelope = _envelope(bytes(facts["envelope"]))
    message = _message(text if text is not None else (envelope or {}).get("message"))
    event = message.get("event") if isinstance(message, dict) else None
    cause = cause_of(facts["merchant"], facts["code"], facts["field"], event)
    return Failure(arrival, attempt, facts, cause_id(cause), cause["event"], envelope, message)


def failure_of_document(document: Mapping[str, Any]) -> Failure:
    """A document of the inbox with its bytes, as its latest copy left it."""
    facts = {name: document[name] for name in (*FACTS, "original", "envelope")}
    sent = document["attempts"][document["attempt"] - 1] if document["attempt"] else {}
    facts |= {name: sent[name] for name in ("code", "field") if name in sent}
    return failure_of_facts(str(document["_id"]), document["attempt"], facts, sent.get("message"))


def _envelope(value: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _message(text: Any) -> Any:
    try:
        return read_value(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
