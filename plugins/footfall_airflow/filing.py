"""The error inbox: every message of the errors topic becomes one document of `failed_events`, written once."""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import bson
from bson import Binary
from bson.errors import InvalidDocument
from confluent_kafka import Message
from pymongo import UpdateOne
from pymongo.database import Database

from contracts.batch_errors import is_of_a_batch
from contracts.errors import ErrorCode
from contracts.names import Collection, Topic
from footfall_airflow.database import Document

_CHUNK = 1_000
_NO_ERROR_MESSAGE = (ValueError, TypeError, KeyError, OverflowError, RecursionError, InvalidDocument)
_AS_THEY_ARE = ("merchant", "code", "field", "place", "batch", "received_at", "event_hour", "attempt")


def file_errors(database: Database[Document], messages: Iterable[Message], topic_id: str, now: datetime) -> int:
    """Files them, answers how many are new; what stands in the inbox already is left as it is."""
    filed, left = 0, iter(messages)
    while chunk := list(islice(left, _CHUNK)):
        documents = [_document(message, topic_id) for message in chunk]
        writes = [_insert_if_absent(document, now) for document in documents if not is_of_a_batch(document)]
        if writes:
            filed += database[Collection.FAILED_EVENTS].bulk_write(writes, ordered=False).upserted_count
    return filed


def _insert_if_absent(document: Document, now: datetime) -> UpdateOne:
    key = document.pop("_id")
    content = {**document, "status": "waiting", "filed_at": now}
    return UpdateOne({"_id": key}, {"$setOnInsert": content}, upsert=True)


def _document(message: Message, topic_id: str) -> Document:
    value = message.value() or b""
    try:
        document = _of_error(json.loads(value))
        bson.encode(document)
        return document
    except _NO_ERROR_MESSAGE:
        return _of_strange_bytes(message, value, topic_id)


def _of_error(error: Any) -> Document:
    """Raises one of _NO_ERROR_MESSAGE for what is none."""
    if not isinstance(error["error_id"], str) or not error["error_id"]:
        raise ValueError("error_id")
    kept = {name: error[name] for name in _AS_THEY_ARE}
    bytes_ = {name: Binary(base64.b64decode(error[name], validate=True)) for name in ("original", "envelope")}
    return {"_id": error["error_id"], **kept, **bytes_}


def _of_strange_bytes(message: Message, value: bytes, topic_id: str) -> Document:
    """What stands in the topic and is no error message of ours is filed all the same, under its place."""
    partition, offset = message.partition(), message.offset()
    return {
        "_id": f"{topic_id}/{partition}/{offset}",
        "merchant": None,
        "code": ErrorCode.BAD_ENVELOPE,
        "field": None,
        "place": {"topic": Topic.ERRORS, "partition": partition, "offset": offset},
        "batch": None,
        "received_at": None,
        "event_hour": None,
        "attempt": 0,
        "original": Binary(value),
        "envelope": Binary(value),
    }
