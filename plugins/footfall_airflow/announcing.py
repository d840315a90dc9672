"""Ready messages: one for each merchant whose reports an entry of the ledger replaced, the same however often it is sent."""

from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.batch_errors import batch_error
from contracts.messages import ErrorMessage, ReadyMessage, json_bytes
from contracts.names import BatchState, Topic
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.sending import Sender


def ready_messages(entry: Document) -> list[ReadyMessage]:
    """Of a committed batch, of one that was set aside, or of a reported round.

    Only a batch of events says until when everything is in the reports.
    """
    is_batch = isinstance(entry["_id"], int)
    watermark = entry["watermark"] if entry.get("topic") == Topic.EVENTS else None
    return [
        ReadyMessage(
            v=1,
            ready_id=f"{entry['_id']}/{touched['merchant']}",
            merchant=touched["merchant"],
            batch=entry["_id"] if is_batch else None,
            reports=touched["reports"],
            watermark=_text(watermark) if watermark else None,
            at=_text(entry.get("committed_at") or entry["reported_at"]),
        )
        for touched in entry.get("touched", [])
    ]


def publish_failed(settings: Settings, entry: Document) -> None:
    """One error message of a batch that was set aside, so that it is taken on; nothing of any other. Raises Undelivered."""
    if entry["state"] == BatchState.SET_ASIDE:
        errors = [batch_error(entry)]
        publish(settings.kafka_bootstrap, errors, settings.delivery_timeout_seconds, Topic.ERRORS)


def publish(
    bootstrap: str,
    messages: Iterable[ReadyMessage | ErrorMessage],
    timeout_seconds: float,
    topic: Topic = Topic.REPORT_READY,
) -> int:
    """Sends them and waits until the broker has acknowledged each; answers their number. Raises Undelivered."""
    return Sender(bootstrap, timeout_seconds).send(topic, map(json_bytes, messages))


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
