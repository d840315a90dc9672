"""Hears the ready messages: one consumer a process, without a group, so that every process hears every message."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.names import Topic

log = logging.getLogger("report_app.live")
_Options = dict[str, str | int | float | bool]
_POLL_SECONDS = 0.5
_PAUSE_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_LOOK_SECONDS = 5.0
_QUIET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Seen:
    topic_id: str
    partitions: tuple[int, ...]


class Listener:
    """Calls `hear` with each message's value, in a thread of its own. What was sent before it began is not for it."""

    def __init__(self, bootstrap: str, hear: Callable[[bytes | None], None]) -> None:
        self._hear = hear
        self._stopped = threading.Event()
        self._looked_at = self._answered_at = self._complained_at = float("-inf")
        self._client: _Options = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 2_000, "log_level": 0}
        self._admin = AdminClient(self._client)
        self._thread = threading.Thread(target=self._run, name="ready-messages", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the consumer is closed."""
        self._stopped.set()
        self._thread.join()

    def is_ready(self) -> bool:
        """Whether it listens, and the broker answered a moment ago."""
        return time.monotonic() - self._answered_at < 2 * (_LOOK_SECONDS + _ANSWER_SECONDS)

    def _run(self) -> None:
        """A topic that was made anew is another one: only a new consumer reads it."""
        while not self._stopped.is_set():
            consumer = self._consumer()
            try:
                self._listen_from_end(consumer)
            except KafkaException as error:
                self._complain(error.args[0])
                self._stopped.wait(_PAUSE_SECONDS)
            finally:
                consumer.close()

    def _consumer(self) -> Consumer:
        options: _Options = {
            "group.id": "report_app.live",  # the client wants a name; nothing is committed under it
            "enable.auto.commit": False,
            "auto.offset.reset": "latest",
        }
        return Consumer(self._client | options | {"error_cb": self._complain})

    def _listen_from_end(self, consumer: Consumer) -> None:
        """Until it is stopped or the topic is another. Raises KafkaException where the topic cannot be read."""
        listened_to = self._look()
        places = [TopicPartition(Topic.REPORT_READY, number, OFFSET_END) for number in listened_to.partitions]
        consumer.assign(places)
        while not self._stopped.is_set():
            message = consumer.poll(_POLL_SECONDS)
            if message is not None and message.error() is not None:
                raise KafkaException(message.error())
            if message is not None:
                self._hear(message.value())
            if time.monotonic() - self._looked_at > _LOOK_SECONDS and self._is_another(listened_to):
                return

    def _is_another(self, listened_to: _Seen) -> bool:
        """An outage changes nothing: the client goes on from its place when the broker is back."""
        try:
            return self._look() != listened_to
        except KafkaException as error:
            self._complain(error.args[0])
            return False

    def _look(self) -> _Seen:
        self._looked_at = time.monotonic()
        wanted = TopicCollection([Topic.REPORT_READY.value])
        answers = self._admin.describe_topics(wanted, request_timeout=_ANSWER_SECONDS)
        found = answers[Topic.REPORT_READY.value].result()
        self._answered_at = time.monotonic()
        return _Seen(str(found.topic_id), tuple(sorted(partition.id for partition in found.partitions)))

    def _complain(self, error: KafkaError) -> None:
        if time.monotonic() - self._complained_at > _QUIET_SECONDS:
            self._complained_at = time.monotonic()
            log.warning("%s cannot be heard right now: %s", Topic.REPORT_READY, error.str())
