"""What the errors topic holds: one message a rejected arrival, or bytes that are no error message of ours."""

import base64
import json
from typing import Any

import bson
from bson import Binary
from bson.errors import InvalidDocument
from confluent_kafka import Message

from contracts.errors import ErrorCode
from contracts.inbox import cause_id, cause_of, split_id
from contracts.names import Topic
from footfall_airflow.database import Document
from repairs.failures import FACTS, Failure, failure_of_facts

_NO_ERROR_MESSAGE = (ValueError, TypeError, KeyError, OverflowError, RecursionError, InvalidDocument)


def failure_of(message: Message, topic_id: str) -> Failure:
    """Nothing in the topic raises: what is no error message of ours is a failure under its own place."""
    value = message.value() or b""
    try:
        error = json.loads(value)
        failure = failure_of_facts(*split_id(_text(error["error_id"])), _facts(error))
        bson.encode({"_id": failure.arrival, **failure.facts})
        return failure
    except _NO_ERROR_MESSAGE:
        return _of_strange_bytes(message, value, topic_id)


def _facts(error: Any) -> Document:
    """Raises one of _NO_ERROR_MESSAGE for what is none."""
    _text(error["code"])
    bytes_ = {name: Binary(base64.b64decode(error[name], validate=True)) for name in ("original", "envelope")}
    return {name: error[name] for name in FACTS} | bytes_


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r:.50} is no text")
    return value


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
