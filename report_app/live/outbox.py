"""Hears ready messages for webhooks, and fills the outbox with them.

The processes of the streams share the topic as one consumer group (`report_app.live.listening`). A message's place is
committed behind its deliveries, so one that came while all of them were down, or while the database was away, is heard
when they are back, as long as the topic keeps it (a day). Its deliveries' ids come from webhook and ready id: hearing it
twice, or in two processes, writes them once.
"""

import json
import logging
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.keys import MERCHANT_ID
from contracts.messages import ReadyMessage
from report_app.live.listening import NotTaken
from report_app.webhooks.outbox import fill

log = logging.getLogger("report_app.webhooks")
GROUP = "footfall.webhooks"


class Outbox:
    """Hears ready messages; used by one thread."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def hear(self, value: bytes | None) -> None:
        """Raises NotTaken where the database is away."""
        message = _ready_message(value)
        if message is None:
            log.warning("a message that is no ready message was left out")
            return
        try:
            fill(self._database, message)
        except PyMongoError as error:
            log.warning("database away: %s; the ready message is heard again", type(error).__name__)
            raise NotTaken from None


def _ready_message(value: bytes | None) -> ReadyMessage | None:
    try:
        message: ReadyMessage = json.loads(value or b"")
        is_ready = (
            MERCHANT_ID.fullmatch(message["merchant"])
            and isinstance(message["ready_id"], str)
            and datetime.fromisoformat(message["at"]).tzinfo
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return message if is_ready else None
