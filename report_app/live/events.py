"""Ready messages as the events of a stream: the ready id and the names of the reports, nothing else of the message."""

import json
import random
from dataclasses import dataclass

from contracts.reports import Family

HEARTBEAT = b": still here\n\n"
_RETRY_MILLISECONDS = (2_000, 5_000)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a shop's pages are told; `text` is the event as it is sent."""

    merchant: str
    text: bytes


def greeting() -> bytes:
    """The first words of a stream. A browser waits this long before it comes again; not all of them equally long."""
    return f"retry: {random.randint(*_RETRY_MILLISECONDS)}\n\n".encode()  # noqa: S311 spreads browsers, no secret


def ready_event(value: bytes | None) -> Ready | None:
    """The event of a message's value; None for bytes that are no ready message."""
    try:
        message = json.loads(value or b"")
        merchant, ready_id, reports = message["merchant"], message["ready_id"], message["reports"]
        families = sorted({part for name in reports for part in name.split("/")} & set(Family))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(merchant, str) or not isinstance(ready_id, str):
        return None
    data = json.dumps({"ready_id": ready_id, "reports": families})
    return Ready(merchant, f"event: ready\ndata: {data}\n\n".encode())
