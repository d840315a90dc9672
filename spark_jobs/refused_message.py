"""The message that no job can bear, as a rejected row: read here with as little as possible, and with other means."""

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import Any

from contracts.archive import COLUMNS, TimeSource
from contracts.errors import ErrorCode
from contracts.messages import ENVELOPE_VERSION
from contracts.names import Outcome
from contracts.set_aside import Record

_RETURNED = re.compile(r"/r[0-9]+$")


def refused_row(record: Record, batch: int, topic_id: str) -> dict[str, Any]:
    """A row of `contracts.archive.COLUMNS`; ids and times are those that the message would have had."""
    kafka_time = datetime.fromtimestamp(record.time_ms / 1000, UTC)
    envelope = _envelope(record.value)
    received_at = _time(envelope.get("received_at")) or kafka_time
    envelope_id = envelope.get("envelope_id") or f"{topic_id}/{record.partition}/{record.offset}"
    return dict.fromkeys(name for name, _ in COLUMNS) | {
        "batch": batch,
        "partition": record.partition,
        "offset": record.offset,
        "kafka_time": kafka_time,
        "envelope_id": envelope_id,
        "merchant": envelope.get("merchant", ""),
        "received_at": received_at,
        "event_time": received_at,
        "time_source": TimeSource.RECEIVED,
        "outcome": str(Outcome.REJECTED),
        "code": str(ErrorCode.BATCH_FAILED),
        "is_bot": False,
        "is_returned": _RETURNED.search(envelope_id) is not None,
        "is_cookieless": False,
        "flags": [],
        "original": _original(envelope, record.value),
        "envelope": record.value or b"",
    }


def _envelope(value: bytes | None) -> dict[str, Any]:
    """What the collector noted; empty where the bytes are none of ours."""
    try:
        found = json.loads(value or b"")
        found["envelope_id"].encode(), found["merchant"].encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    is_ours = str(found.get("v")) == str(ENVELOPE_VERSION) and _time(found.get("received_at")) is not None
    return found if is_ours and found["envelope_id"].strip() and found["merchant"].strip() else {}


def _time(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _original(envelope: dict[str, Any], value: bytes | None) -> bytes:
    """The client's own bytes, as far as they are known; else the value itself."""
    if isinstance(message := envelope.get("message"), str):
        return message.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(envelope["source"]["raw"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return value or b""
