"""Reads the events topic for those who watch their shop's messages: its tail first, then what comes. Nobody watching, nothing is read.

One consumer a process, without a group, in a thread of its own. A shop that somebody begins to watch makes it read the
tail again, which is bounded; what is known already is passed over.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from confluent_kafka import Consumer, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.names import Topic
from report_app.arrivals.arrival import arrival_of
from report_app.arrivals.recent import Recent

log = logging.getLogger("report_app.live")
TAIL_MESSAGES = 20_000
"""Of all partitions together."""
TAIL_TIME = timedelta(hours=1)
_Options = dict[str, str | int | float | bool]
_AT_ONCE = 1_000
_POLL_SECONDS = 0.2
_LOOK_SECONDS = 0.5
_CHECK_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_QUIET_SECONDS = 60.0
_QUEUED_KILOBYTES = 8_192


@dataclass(slots=True)
class Watched:
    """A shop that somebody watches; `has_tail` once the topic's tail is being read for it."""

    merchant: str
    recent: Recent = field(default_factory=Recent)
    watchers: int = 1
    has_tail: bool = False


class Follower:
    """`look` is called about twice a second in the follower's thread, with the topic's id; "" while Kafka is away."""

    def __init__(self, bootstrap: str, look: Callable[[str], None]) -> None:
        client: _Options = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 2_000, "log_level": 0}
        self._client = client | {
            "group.id": "report_app.arrivals",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "latest",
            "queued.max.messages.kbytes": _QUEUED_KILOBYTES,
            "allow.auto.create.topics": False,
        }
        self._admin = AdminClient(client)
        self._look = look
        self._complained_at = float("-inf")
        self._lock = threading.Lock()
        self._shops: dict[str, Watched] = {}
        self._is_asked = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the consumer is closed."""
        self._stopped.set()
        self._is_asked.set()
        self._thread.join()

    def watch(self, merchant: str) -> Watched:
        with self._lock:
            known = self._shops.get(merchant)
            if known:
                known.watchers += 1
                return known
            self._shops[merchant] = Watched(merchant)
            self._is_asked.set()
            return self._shops[merchant]

    def leave(self, watched: Watched) -> None:
        """What nobody watches any more is forgotten."""
        with self._lock:
            watched.watchers -= 1
            if not watched.watchers:
                del self._shops[watched.merchant]

    @property
    def is_reading(self) -> bool:
        return self._is_asked.is_set() and not self._stopped.is_set()

    def _watched(self) -> list[Watched]:
        with self._lock:
            return list(self._shops.values())

    def _run(self) -> None:
        while self._is_asked.wait() and not self._stopped.is_set():
            try:
                self._follow()
            except KafkaException as error:
                self._complain(error)
                self._look("")
                self._stopped.wait(_PAUSE_SECONDS)
            except Exception:
                # one odd message must not end this thread for all who come later
                log.exception("messages could not be followed")
                self._stopped.wait(_PAUSE_SECONDS)
            finally:
                self._rest_if_alone()

    def _complain(self, error: KafkaException) -> None:
        if time.monotonic() - self._complained_at > _QUIET_SECONDS:
            self._complained_at = time.monotonic()
            log.warning("%s cannot be read right now: %s", Topic.EVENTS, error.args[0].str())

    def _rest_if_alone(self) -> None:
        with self._lock:
            for shop in self._shops.values():
                shop.has_tail = False
            if not self._shops and not self._stopped.is_set():
                self._is_asked.clear()

    def _follow(self) -> None:
        """Until nobody watches, or the topic is another. Raises KafkaException where it cannot be read."""
        topic = topic_id, partitions = self._topic()
        consumer = Consumer(self._client)
        looked_at = checked_at = time.monotonic()
        try:
            while (shops := self._watched()) and not self._stopped.is_set():
                if not all(shop.has_tail for shop in shops):
                    self._rewind(consumer, partitions, shops)
                self._take(consumer.consume(_AT_ONCE, _POLL_SECONDS), shops)
                if time.monotonic() - looked_at > _LOOK_SECONDS:
                    looked_at = time.monotonic()
                    self._look(topic_id)
                if looked_at - checked_at > _CHECK_SECONDS:
                    checked_at = looked_at
                    if self._topic() != topic:
                        return
        finally:
            consumer.close()

    def _topic(self) -> tuple[str, list[int]]:
        wanted = TopicCollection([Topic.EVENTS.value])
        answers = self._admin.describe_topics(wanted, request_timeout=_ANSWER_SECONDS)
        found = answers[Topic.EVENTS.value].result()
        return str(found.topic_id), sorted(partition.id for partition in found.partitions)

    def _rewind(self, consumer: Consumer, partitions: list[int], shops: list[Watched]) -> None:
        share = TAIL_MESSAGES // len(partitions)
        starts = []
        for number in partitions:
            place = TopicPartition(Topic.EVENTS, number)
            low, high = consumer.get_watermark_offsets(place, timeout=_ANSWER_SECONDS)
            starts.append(TopicPartition(Topic.EVENTS, number, max(low, high - share)))
        consumer.assign(starts)
        for shop in shops:
            shop.has_tail = True

    def _take(self, messages: list[Message], shops: list[Watched]) -> None:
        now = datetime.now(UTC)
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
            place = (message.partition() or 0, message.offset() or 0)
            for shop in shops:
                arrival = arrival_of(message.value(), place, shop.merchant)
                if arrival and abs(now - arrival.received_at) < TAIL_TIME:
                    shop.recent.add(arrival)
