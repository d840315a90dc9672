"""The producer of the rivals in Python."""

from collections.abc import Callable
from threading import Thread

from confluent_kafka import KafkaError, Producer

from contracts.names import Topic
from contracts.settings import settings


class Sender:
    """The producer, with the collector's own options, and a thread that serves its callbacks."""

    def __init__(self) -> None:
        options = {"acks": "all", "enable.idempotence": True, "linger.ms": 1, "compression.type": "lz4"}
        self._producer = Producer({"bootstrap.servers": settings().kafka_bootstrap, **options})
        Thread(target=self._serve, daemon=True).start()

    def send(self, values: list[bytes], done: Callable[[bool], object]) -> None:
        """`done` is called on another thread: with True once all are acknowledged, or with False."""
        left, is_well = len(values), True

        def on_delivery(error: KafkaError | None, _: object) -> None:
            nonlocal left, is_well
            left, is_well = left - 1, is_well and error is None
            if not left:
                done(is_well)

        for value in values:
            self._producer.produce(Topic.EVENTS, value, on_delivery=on_delivery)

    def _serve(self) -> None:
        while True:
            self._producer.poll(0.1)
