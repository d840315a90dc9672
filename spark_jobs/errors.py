"""Error messages: one a rejected row, onto the errors topic, from the rows as they stand in the archive."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.inbox import split_id
from contracts.messages import MAX_ERROR_BYTES, ErrorMessage, Place, json_bytes
from contracts.names import Outcome, Topic
from contracts.settings import Settings
from contracts.zones import hour_key, hour_start
from spark_jobs.failures import TransientError
from spark_jobs.merchants import Merchant

_COLUMNS = ("envelope_id", "merchant", "batch", "code", "field", "partition", "offset", "original", "envelope")
_VERSION = 1
_ATTEMPT = re.compile(r"/r([0-9]{1,9})\Z")


def publish_rejected(settings: Settings, committed: DataFrame, merchants: dict[str, Merchant], topic: str) -> int:
    """Sends one message for each rejected row, again in a second attempt: their ids stay. Returns how many.

    Raises TransientError when the broker has not acknowledged every one.
    """
    rejected = committed.where(F.col("outcome") == Outcome.REJECTED).select(
        *_COLUMNS, F.unix_millis("received_at").alias("received_ms"), F.unix_millis("event_time").alias("event_ms")
    )
    undelivered: list[str] = []

    def note(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            undelivered.append(error.str())

    producer = Producer(_options(settings))
    count = 0
    for row in _rows(rejected):
        _produce(producer, json_bytes(error_of(row, merchants.get(row["merchant"]), topic)), note)
        count += 1
    left = producer.flush(settings.delivery_timeout_seconds)
    if left or undelivered:
        why = undelivered[0] if undelivered else "no answer"
        raise TransientError(f"{left + len(undelivered)} errors were not acknowledged by Kafka ({why}).")
    return count


def _rows(rejected: DataFrame) -> Iterator[dict[str, Any]]:
    """A partition at a time, so that a batch of nothing but bad messages fits."""
    return (row.asDict(recursive=True) for row in rejected.toLocalIterator())


def _produce(producer: Producer, value: bytes, note: Any) -> None:
    while True:
        try:
            producer.produce(Topic.ERRORS, value, on_delivery=note)
        except BufferError:
            producer.poll(1)
            continue
        except KafkaException as error:
            raise TransientError(f"Kafka refused an error message: {error}") from error
        producer.poll(0)
        return


def error_of(row: dict[str, Any], merchant: Merchant | None, topic: str) -> ErrorMessage:
    """The message of one archived row that is rejected; hours of an unknown merchant are UTC's."""
    zone = "UTC" if merchant is None else merchant.time_zone
    return ErrorMessage(
        v=_VERSION,
        error_id=row["envelope_id"],
        merchant=row["merchant"],
        batch=row["batch"],
        code=row["code"],
        field=row["field"],
        place=Place(topic=topic, partition=row["partition"], offset=row["offset"]),
        received_at=_instant(row["received_ms"]).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        event_hour=hour_key(hour_start(zone, _instant(row["event_ms"]))),
        attempt=split_id(row["envelope_id"])[1],
        original=_base64(row["original"]),
        envelope=_base64(row["envelope"]),
    )


def _instant(unix_millis: int) -> datetime:
    return datetime.fromtimestamp(unix_millis / 1000, UTC)


def _base64(content: bytes | None) -> str:
    return base64.b64encode(bytes(content or b"")).decode("ascii")


def _options(settings: Settings) -> dict[str, object]:
    return {
        "bootstrap.servers": settings.kafka_bootstrap,
        "client.id": "footfall-job",
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "lz4",
        "linger.ms": 20,
        "message.max.bytes": MAX_ERROR_BYTES,
        "delivery.timeout.ms": int(settings.delivery_timeout_seconds * 1000),
    }
