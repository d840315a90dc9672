"""Ready messages: one for each merchant whose reports an entry of the ledger replaced, the same however often it is sent."""

from collections.abc import Iterable
from datetime import UTC, datetime

from confluent_kafka import KafkaError, Message, Producer

from contracts.batch_errors import batch_error
from contracts.messages import ErrorMessage, ReadyMessage, json_bytes
from contracts.names import BatchState, Topic
from contracts.settings import Settings
from footfall_airflow.database import Document


class Undelivered(RuntimeError):
    """The broker has not acknowledged every message: the entry is not announced."""


def ready_messages(entry: Document) -> list[ReadyMessage]:
    """Of a committed batch, of one that was set aside, or of a reported round."""
    is_batch = isinstance(entry["_id"], int)
    return [
        ReadyMessage(
            v=1,
            ready_id=f"{entry['_id']}/{touched['merchant']}",
            merchant=touched["merchant"],
            batch=entry["_id"] if is_batch else None,
            reports=touched["reports"],
            watermark=_text(entry["watermark"]) if entry.get("watermark") else None,
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
    failures: list[str] = []

    def note(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error.str())

    producer, count = Producer(_options(bootstrap, timeout_seconds)), 0
    for message in messages:
        producer.produce(topic, json_bytes(message), on_delivery=note)
        count += 1
    waiting = producer.flush(timeout_seconds + 1)
    if waiting or failures:
        raise Undelivered(
            f"{waiting + len(failures)} of {count} messages for {topic} were not acknowledged "
            f"({failures[0] if failures else 'the broker does not answer'}); the task sends them all again when it is retried."
        )
    return count


def _options(bootstrap: str, timeout_seconds: float) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 1,
        "delivery.timeout.ms": int(timeout_seconds * 1000),
    }


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
