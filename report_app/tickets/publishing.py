"""Requests on their way to Kafka: handed over when the broker has acknowledged them, within the patience of a page."""

import logging
from collections.abc import Sequence
from threading import Lock

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.messages import RequestMessage, json_bytes
from contracts.names import Topic

log = logging.getLogger("report_app.tickets")


class RequestPublisher:
    """The producer of one process, opened with the first request."""

    def __init__(self, bootstrap: str, patience_seconds: float = 2.0) -> None:
        self._bootstrap = bootstrap
        self._patience = patience_seconds
        self._producer: Producer | None = None
        self._lock = Lock()

    def publish(self, messages: Sequence[RequestMessage]) -> bool:
        """Whether the broker has acknowledged all of them; where it has not, some may arrive all the same."""
        acknowledged: list[bool] = []

        def note(error: KafkaError | None, _: Message) -> None:
            acknowledged.append(error is None)

        try:
            producer = self._open()
            for message in messages:
                producer.produce(Topic.REPORT_REQUESTS, json_bytes(message), on_delivery=note)
            producer.flush(self._patience)
        except (BufferError, KafkaException) as error:
            log.warning("requests not handed over: why=%s", error)
            return False
        is_done = sum(acknowledged) == len(messages)
        if not is_done:
            log.warning("requests not handed over: the broker did not acknowledge %d of them", len(messages))
        return is_done

    def _open(self) -> Producer:
        with self._lock:
            if self._producer is None:
                self._producer = Producer(self._options())
            return self._producer

    def _options(self) -> dict[str, object]:
        return {
            "bootstrap.servers": self._bootstrap,
            "client.id": "footfall-report-app",
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 1,
            "delivery.timeout.ms": max(int(self._patience * 1000), 10),
            "reconnect.backoff.max.ms": 1_000,
            "log_level": 2,
            "error_cb": self._on_error,
        }

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            log.warning("the producer is opened anew: why=%s", error.str())
            self._producer = None
