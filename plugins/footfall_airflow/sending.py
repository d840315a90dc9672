"""Messages to Kafka that count as sent once the broker has acknowledged each."""

from collections.abc import Iterable

from confluent_kafka import KafkaError, Message, Producer


class Undelivered(RuntimeError):
    """The broker has not acknowledged every message; the task sends them all again when it is retried."""


class Sender:
    """One connection for as many messages as a task sends."""

    def __init__(self, bootstrap: str, timeout_seconds: float) -> None:
        self._producer = Producer(_options(bootstrap, timeout_seconds))
        self._timeout_seconds = timeout_seconds

    def send(self, topic: str, values: Iterable[bytes]) -> int:
        """Their number, once all are acknowledged. Raises Undelivered."""
        failures: list[str] = []

        def note(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                failures.append(error.str())

        count = 0
        for value in values:
            self._producer.produce(topic, value, on_delivery=note)
            count += 1
        waiting = self._producer.flush(self._timeout_seconds + 1)
        if waiting or failures:
            raise Undelivered(
                f"{waiting + len(failures)} of {count} messages for {topic} were not acknowledged "
                f"({failures[0] if failures else 'the broker does not answer'}); the task sends them all again when it is "
                "retried."
            )
        return count


def _options(bootstrap: str, timeout_seconds: float) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 1,
        # A round of 5,000 days names megabytes of reports; their names shrink to what the topic takes.
        "message.max.bytes": 16 * 1024 * 1024,
        "compression.type": "zstd",
        "delivery.timeout.ms": int(timeout_seconds * 1000),
    }
