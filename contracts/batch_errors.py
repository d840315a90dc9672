"""The error message of a whole batch: it was set aside, and wakes who takes its copy on."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from contracts.errors import ErrorCode
from contracts.messages import ErrorMessage, Place
from contracts.zones import hour_key

_ID = "batch/"


def batch_error(entry: Mapping[str, Any]) -> ErrorMessage:
    """The error message of a ledger entry that was set aside; its original is a note of where the messages are."""
    origin = entry.get("origin", entry)
    partition, (offset, _) = min(entry["ranges"].items(), key=lambda item: int(item[0]))
    note = {"batch": entry["_id"], "copy": entry.get("root", entry["_id"]), "ranges": entry["ranges"]}
    oldest_at = entry["oldest_at"].astimezone(UTC)
    return ErrorMessage(
        v=1,
        error_id=f"{_ID}{entry['_id']}",
        merchant="",
        batch=entry["_id"],
        code=ErrorCode.BATCH_FAILED,
        field=None,
        place=Place(topic=origin["topic"], partition=int(partition), offset=offset),
        received_at=oldest_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        event_hour=hour_key(oldest_at.replace(minute=0, second=0, microsecond=0)),
        attempt=0,
        original=base64.b64encode(json.dumps(note).encode()).decode(),
        envelope="",
    )


def is_of_a_batch(error: Mapping[str, Any]) -> bool:
    """Whether an error is about a whole batch; one about a message has a merchant, or the id of a place in a topic."""
    is_failed = error.get("code") == ErrorCode.BATCH_FAILED and error.get("merchant") == ""
    return is_failed and str(error.get("error_id", error.get("_id"))).startswith(_ID)
