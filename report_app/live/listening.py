"""Hears the ready messages: without a group every process hears every message, from when it began.

With a group one of its processes hears each message, also those sent while none of them ran: the place is committed
only behind messages that `hear` has taken. A message may be heard again, and is never missed while the topic keeps it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.names import Topic

log = logging.getLogger("report_app.live")
_Options = dict[str, str | int | float | bool]
_POLL_SECONDS = 0.5
_PAUSE_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_LOOK_SECONDS = 5.0
_QUIET_SECONDS = 60.0
# so long nobody hears what a killed process of a group would have heard
_GONE_AFTER_MILLISECONDS = 10_000


class NotTaken(Exception):
    """Raised by `hear`: the message could not be taken in right now. A group hears it again."""


@dataclass(frozen=True, slots=True)
class _Seen:
    topic_id: str
    partitions: tuple[int, ...]


class Listener:
    """Calls `hear` with each message's value, in a thread of its own."""

    def __init__(self, bootstrap: str, hear: Callable[[bytes | None], None], group: str = "") -> None:
        self._hear = hear
        self._group = group
        self._stopped = threading.Event()
        self._looked_at = self._answered_at = self._complained_at = float("-inf")
        self._listens = False
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
        """Whether every message from now on is heard, and the broker answered a moment ago."""
        return self._listens and time.monotonic() - self._answered_at < 2 * (_LOOK_SECONDS + _ANSWER_SECONDS)

    def _run(self) -> None:
        """A topic that was made anew is another one: only a new consumer reads it."""
        while not self._stopped.is_set():
            try:
                self._listen(self._look())
            except KafkaException as error:
                self._complain(error.args[0])
                self._stopped.wait(_PAUSE_SECONDS)
            except NotTaken:
                self._stopped.wait(_PAUSE_SECONDS)

    def _listen(self, topic: _Seen) -> None:
        """Raises KafkaException where the topic cannot be read, NotTaken where a message was not taken in."""
        consumer = self._consumer(topic)
        try:
            self._begin(consumer, topic)
            self._listens = True
            self._hear_all(consumer, topic)
        finally:
            self._listens = False
            consumer.close()

    def _consumer(self, topic: _Seen) -> Consumer:
        """A group belongs to one topic: the places of a topic that was deleted say nothing of the next one."""
        options: _Options = {
            # the client wants a name, also where nothing is committed under it
            "group.id": f"{self._group}.{topic.topic_id}" if self._group else "report_app.live",
            "enable.auto.commit": bool(self._group),
            "enable.auto.offset.store": False,
            "session.timeout.ms": _GONE_AFTER_MILLISECONDS,
            "auto.offset.reset": "earliest" if self._group else "latest",
        }
        return Consumer(self._client | options | {"error_cb": self._complain})

    def _begin(self, consumer: Consumer, topic: _Seen) -> None:
        """Without a group the end is asked for here: the client itself would look it up some time after `assign`."""
        if self._group:
            consumer.subscribe([Topic.REPORT_READY])
            return
        places = [TopicPartition(Topic.REPORT_READY, number) for number in topic.partitions]
        for place in places:
            _, place.offset = consumer.get_watermark_offsets(place, _ANSWER_SECONDS)
        consumer.assign(places)

    def _hear_all(self, consumer: Consumer, listened_to: _Seen) -> None:
        """Until it is stopped or the topic is another."""
        while not self._stopped.is_set():
            message = consumer.poll(_POLL_SECONDS)
            if message is not None and message.error() is not None:
                raise KafkaException(message.error())
            if message is not None:
                self._hear(message.value())
                if self._group:
                    consumer.store_offsets(message)
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
