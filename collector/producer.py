"""The way to Kafka: a delivery is done when the broker has acknowledged every message of a request.

librdkafka keeps a bounded queue. One thread serves its callbacks and hands finished deliveries to the event loop, one
call a burst.
"""

import asyncio
import logging
from collections.abc import Sequence
from threading import Event, Thread

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from collector.log import log, logger
from contracts.names import Topic
from contracts.settings import Settings

QUEUE_MESSAGES = 100_000
QUEUE_KILOBYTES = 64 * 1024
_POLL_SECONDS = 0.1


class Undelivered(Exception):
    """The broker has not acknowledged every message: nothing may be promised."""


class Delivery:
    """Messages of one request on their way; `future` is True once all are acknowledged, else False."""

    __slots__ = ("_failed", "_finished", "_left", "future")

    def __init__(self, count: int, finished: list["Delivery"], future: asyncio.Future[bool]) -> None:
        self.future = future
        self._left = count
        self._failed = False
        self._finished = finished

    def on_delivery(self, error: KafkaError | None, _: Message) -> None:
        self._left -= 1
        if error is not None and not self._failed:
            self._failed = True
            log("delivery_failed", logging.WARNING, why=error.str(), code=error.name())
        if self._left == 0:
            self._finished.append(self)

    def finish(self) -> None:
        if not self.future.done():
            self.future.set_result(not self._failed)


class Broker:
    """The producer of one process. `open` before use, `close` at the end."""

    def __init__(self, settings: Settings) -> None:
        self._options = _options(settings) | {"error_cb": self._on_error}
        self._close_seconds = settings.delivery_timeout_seconds
        self._producer = Producer(self._options, logger=logger)
        self._finished: list[Delivery] = []
        self._is_broken = False
        self._closing = Event()
        self._thread = Thread(target=self._serve_callbacks, name="deliveries", daemon=True)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    async def deliver(self, values: Sequence[bytes]) -> None:
        """Returns when the broker has acknowledged all values; raises Undelivered."""
        if not values:
            return
        if self._closing.is_set() or self._is_broken or len(self._producer) + len(values) > QUEUE_MESSAGES:
            raise Undelivered
        delivery = Delivery(len(values), self._finished, self._loop.create_future())
        try:
            for value in values:
                self._producer.produce(Topic.EVENTS, value, on_delivery=delivery.on_delivery)
        except (BufferError, KafkaException) as error:
            log("queue_refused", logging.WARNING, why=str(error))
            raise Undelivered from error
        if not await delivery.future:
            raise Undelivered

    @property
    def queued(self) -> int:
        """Messages without an acknowledgement."""
        return len(self._producer)

    async def is_ready(self, timeout_seconds: float = 2.0) -> bool:
        """Whether the broker answers and has the topic."""
        return not self._closing.is_set() and await asyncio.to_thread(self._has_topic, timeout_seconds)

    def close(self) -> None:
        """Waits for what is under way, as long as a delivery may take."""
        self._closing.set()
        unsent = self._producer.flush(self._close_seconds)
        self._thread.join()
        log("stopped", unacknowledged=unsent)

    def _has_topic(self, timeout_seconds: float) -> bool:
        try:
            topic = self._producer.list_topics(Topic.EVENTS, timeout=timeout_seconds).topics[Topic.EVENTS]
        except KafkaException:
            return False
        return topic.error is None and bool(topic.partitions)

    def _serve_callbacks(self) -> None:
        while not self._closing.is_set() or len(self._producer):
            self._producer.poll(_POLL_SECONDS)
            if self._finished:
                self._hand_over()
            if self._is_broken and not len(self._producer):
                self._producer, self._is_broken = Producer(self._options, logger=logger), False
        self._hand_over()

    def _hand_over(self) -> None:
        burst = self._finished[:]
        del self._finished[: len(burst)]
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_finish_all, burst)

    def _on_error(self, error: KafkaError) -> None:
        log("kafka_error", logging.WARNING, why=error.str(), code=error.name(), is_fatal=error.fatal())
        if error.fatal():
            self._is_broken = True


def _finish_all(burst: list[Delivery]) -> None:
    for delivery in burst:
        delivery.finish()


def _options(settings: Settings) -> dict[str, object]:
    return {
        "bootstrap.servers": settings.kafka_bootstrap,
        "client.id": "footfall-collector",
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 1,
        "compression.type": "lz4",
        "delivery.timeout.ms": int(settings.delivery_timeout_seconds * 1000),
        "queue.buffering.max.messages": QUEUE_MESSAGES,
        "queue.buffering.max.kbytes": QUEUE_KILOBYTES,
        "reconnect.backoff.max.ms": 1_000,
        "topic.metadata.refresh.interval.ms": 30_000,
        "log.connection.close": False,
    }
