"""What the errors topic holds: one message a rejected arrival, or bytes that are no error message of ours."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import bson
from bson import Binary
from bson.errors import InvalidDocument
from confluent_kafka import Message

from contracts.errors import ErrorCode
from contracts.inbox import cause_id, cause_of, split_id
from contracts.names import Topic
from footfall_airflow.database import Document
from repairs.json_text import read_value

_NO_ERROR_MESSAGE = (ValueError, TypeError, KeyError, OverflowError, RecursionError, InvalidDocument)
_AS_THEY_ARE = ("merchant", "code", "field", "place", "batch", "received_at", "event_hour")


@dataclass(frozen=True, slots=True)
class Failure:
    """A rejected arrival (`attempt` 0), or a rejected copy of it.

    `facts` are the error message's fields and bytes as a document of the inbox has them. `envelope` is null where the
    bytes are none, `message` where the envelope holds no JSON text.
    """

    arrival: str
    attempt: int
    facts: Document
    cause: str
    event: str | None
    envelope: Document | None
    message: Any

    @property
    def code(self) -> str:
        return str(self.facts["code"])


def failure_of(message: Message, topic_id: str) -> Failure:
    """Nothing in the topic raises: what is no error message of ours is a failure under its own place."""
    value = message.value() or b""
    try:
        error = json.loads(value)
        failure = _failure(*split_id(_text(error["error_id"])), _facts(error))
        bson.encode({"_id": failure.arrival, **failure.facts})
        return failure
    except _NO_ERROR_MESSAGE:
        return _of_strange_bytes(message, value, topic_id)


def failure_of_document(document: Document) -> Failure:
    """A document of the inbox with its bytes, as its latest copy left it."""
    facts = {name: document[name] for name in (*_AS_THEY_ARE, "original", "envelope")}
    sent = document["attempts"][document["attempt"] - 1] if document["attempt"] else {}
    facts |= {name: sent[name] for name in ("code", "field") if name in sent}
    return _failure(str(document["_id"]), document["attempt"], facts, sent.get("message"))


def _failure(arrival: str, attempt: int, facts: Document, text: str | None = None) -> Failure:
    envelope = _envelope(bytes(facts["envelope"]))
    message = _message(text if text is not None else (envelope or {}).get("message"))
    event = message.get("event") if isinstance(message, dict) else None
    cause = cause_of(facts["merchant"], facts["code"], facts["field"], event)
    return Failure(arrival, attempt, facts, cause_id(cause), cause["event"], envelope, message)


def _facts(error: Any) -> Document:
    """Raises one of _NO_ERROR_MESSAGE for what is none."""
    _text(error["code"])
    bytes_ = {name: Binary(base64.b64decode(error[name], validate=True)) for name in ("original", "envelope")}
    return {name: error[name] for name in _AS_THEY_ARE} | bytes_


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r:.50} is no text")
    return value


def _envelope(value: bytes) -> Document | None:
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


def _of_strange_bytes(message: Message, value: bytes, topic_id: str) -> Failure:
    partition, offset = message.partition(), message.offset()
    facts = {
        "merchant": None,
        "code": ErrorCode.BAD_ENVELOPE,
        "field": None,
        "place": {"topic": Topic.ERRORS, "partition": partition, "offset": offset},
        "batch": None,
        "received_at": None,
        "event_hour": None,
        "original": Binary(value),
        "envelope": Binary(value),
    }
    cause = cause_of(None, ErrorCode.BAD_ENVELOPE, None, None)
    return Failure(f"{topic_id}/{partition}/{offset}", 0, facts, cause_id(cause), None, None, None)
