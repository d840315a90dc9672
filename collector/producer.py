"""The way to Kafka: a delivery is done when the broker has acknowledged every message of a request.

librdkafka keeps a bounded queue. One thread serves its callbacks and hands finished deliveries to the event loop, one
call a burst.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from threading import Thread
from traceback import format_tb

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from collector.log import log, logger
from contracts.names import Topic
from contracts.settings import Settings

QUEUE_MESSAGES = 100_000
QUEUE_KILOBYTES = 64 * 1024
_POLL_SECONDS = 0.1
_EVENTS = str(Topic.EVENTS)


class Undelivered(Exception):
    """The broker has not acknowledged every message: nothing may be promised."""


class Delivery:
    """Messages of one request on their way; `done` is called with True once all are acknowledged, else with False."""

    __slots__ = ("_failed", "_finished", "_left", "done")

    def __init__(self, count: int, finished: list["Delivery"], done: Callable[[bool], object]) -> None:
        self.done = done
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
        self.done(not self._failed)


class Broker:
    """The producer of one process. `open` before use, `close` at the end."""

    def __init__(self, settings: Settings) -> None:
        self._options = _options(settings) | {"error_cb": self._on_error}
        self._close_seconds = settings.delivery_timeout_seconds
        self._producer = Producer(self._options, logger=logger)
        self._finished: list[Delivery] = []
        self._is_broken = False
        self._is_closing = False
        self._thread = Thread(target=self._serve_callbacks, name="deliveries", daemon=True)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def deliver(self, values: Sequence[bytes], done: Callable[[bool], object]) -> None:
        """`done` is called from the event loop: with True when the broker has acknowledged all values, else with False.

        Raises Undelivered where they cannot even be sent; then it is not called.
        """
        if self._is_closing or self._is_broken or len(self._producer) + len(values) > QUEUE_MESSAGES:
            raise Undelivered
        delivery = Delivery(len(values), self._finished, done)
        produce, on_delivery = self._producer.produce, delivery.on_delivery
        try:
            for value in values:
                produce(_EVENTS, value, on_delivery=on_delivery)
        except (BufferError, KafkaException) as error:
            delivery.done = _nobody
            log("queue_refused", logging.WARNING, why=str(error))
            raise Undelivered from error

    @property
    def queued(self) -> int:
        """Messages without an acknowledgement."""
        return len(self._producer)

    async def is_ready(self, timeout_seconds: float = 2.0) -> bool:
        """Whether the broker answers and has the topic."""
        return not self._is_closing and await asyncio.to_thread(self._has_topic, timeout_seconds)

    def close(self) -> None:
        """Waits for what is under way, as long as a delivery may take."""
        self._is_closing = True
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
        while not self._is_closing or len(self._producer):
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
        try:
            delivery.finish()
        except Exception as error:
            # the others of the burst wait for their answers, too
            log(
                "not_answered", logging.ERROR, error=type(error).__name__, trace="".join(format_tb(error.__traceback__))
            )


def _nobody(_: bool) -> None:
    """Of messages whose request was told already that they could not be sent."""


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
