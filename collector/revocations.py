"""Which keys are no longer taken: the compacted topic of the shops' keys, read from its start and then followed.

Until it has been read once to its end nobody can say whether a key was revoked: requests are answered with 503 until then.
"""

import logging
from threading import Event, Thread

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from collector.log import log, logger
from contracts.keys import WriteKey
from contracts.names import Topic
from contracts.settings import Settings
from contracts.shop_keys import BadShopKeys, read_shop_keys

_POLL_SECONDS = 0.5


class Revocations:
    """The oldest generation of each shop's keys that is still taken, and the hosts of those that named theirs; in memory."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = Consumer(_options(settings), logger=logger)
        self._oldest: dict[str, int] = {}
        self._hosts: dict[str, list[str]] = {}
        self._is_loaded = Event()
        self._is_known = False
        self._closing = Event()
        self._thread = Thread(target=self._follow, name="revocations", daemon=True)

    @property
    def is_loaded(self) -> bool:
        """Whether the topic was read to its end once, and is still followed."""
        return self._is_known

    def holds(self, key: WriteKey) -> bool:
        return key.generation < self._oldest.get(key.merchant, 0)

    def hosts_of(self, merchant: str) -> list[str] | None:
        """None where its pages may be anywhere."""
        return self._hosts.get(merchant)

    def open(self, seconds: float = 0.0) -> None:
        """Waits so long for the end of the topic, so that where the broker answers nobody is turned away at the start."""
        self._thread.start()
        self._is_loaded.wait(seconds)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            self._consumer.assign([TopicPartition(Topic.SHOP_KEYS, 0, OFFSET_BEGINNING)])
            while not self._closing.is_set():
                message = self._consumer.poll(_POLL_SECONDS)
                if message is not None:
                    self._take(message)
        finally:
            self._is_known = False
        self._consumer.close()

    def _take(self, message: Message) -> None:
        error = message.error()
        if error is None:
            self._note(message.value() or b"")
        elif error.code() == KafkaError._PARTITION_EOF:
            if not self._is_loaded.is_set():
                log("revocations_read", shops=len(self._oldest))
            self._is_known = True
            self._is_loaded.set()
        else:
            log("revocations_error", logging.WARNING, why=error.str(), code=error.name())

    def _note(self, value: bytes) -> None:
        """What was revoked stays so, in whatever order two messages came."""
        try:
            found = read_shop_keys(value)
        except BadShopKeys as problem:
            log("revocation_not_read", logging.ERROR, why=str(problem))
            return
        merchant, oldest = found["merchant"], found["oldest_generation"]
        self._oldest[merchant] = max(oldest, self._oldest.get(merchant, 0))
        if "hosts" in found:
            self._hosts[merchant] = found["hosts"]
        else:
            self._hosts.pop(merchant, None)


def _options(settings: Settings) -> dict[str, object]:
    return {
        "bootstrap.servers": settings.kafka_bootstrap,
        "client.id": "footfall-collector",
        "group.id": "footfall-collector",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "reconnect.backoff.max.ms": 1_000,
        "topic.metadata.refresh.interval.ms": 10_000,
        "log_level": 2,
        "log.connection.close": False,
    }
