"""Logs of one JSON object a line, without personal data: no addresses, no ids of visitors, no bodies, no keys."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("collector")


class JsonLine(logging.Formatter):
    """`{"at", "level", "event", …}`; the fields come from `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(event: str, level: int = logging.INFO, **fields: Any) -> None:
    logger.log(level, event, extra={"fields": fields})


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"handlers": ["lines"], "level": "WARNING"},
    "formatters": {"json": {"()": "collector.log.JsonLine"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
    "loggers": {"collector": {"handlers": ["lines"], "level": "INFO", "propagate": False}},
}
