"""What the broker holds of a topic, and the messages of a range. Nothing here joins a group or commits an offset."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import cast

from confluent_kafka import Consumer, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from footfall_airflow.ranges import Offsets, TopicState

_TIMEOUT_SECONDS = 5.0
_QUIET = {"log_level": 2, "socket.timeout.ms": 5000, "reconnect.backoff.max.ms": 1000}


class Broker:
    """Questions to one Kafka cluster; every method raises KafkaException when it does not answer in time."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, **_QUIET})

    def read_state(self, topic: str) -> TopicState:
        """Its id, partitions, first offsets and ends."""
        asked = self._admin.describe_topics(TopicCollection([topic]), request_timeout=_TIMEOUT_SECONDS)
        described = asked[topic].result(_TIMEOUT_SECONDS)
        partitions = [partition.id for partition in described.partitions]
        lows = self._ask(topic, partitions, OffsetSpec.earliest())
        return TopicState(topic, str(described.topic_id), lows, self.read_ends(topic, partitions))

    def read_ends(self, topic: str, partitions: list[int]) -> Offsets:
        """Of each partition the offset after its last message."""
        return self._ask(topic, partitions, OffsetSpec.latest())

    def _ask(self, topic: str, partitions: list[int], spec: OffsetSpec) -> Offsets:
        question = {TopicPartition(topic, partition): spec for partition in partitions}
        answers = self._admin.list_offsets(question, request_timeout=_TIMEOUT_SECONDS)
        return {asked.partition: answer.result(_TIMEOUT_SECONDS).offset for asked, answer in answers.items()}

    def time_of(self, topic: str, partition: int, offset: int) -> datetime:
        """The time that Kafka stamped on a message (UTC)."""
        message = next(self.messages(topic, {partition: (offset, offset + 1)}))
        _, milliseconds = message.timestamp()
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    def messages(self, topic: str, ranges: Mapping[int, tuple[int, int]]) -> Iterator[Message]:
        """The messages of exactly these ranges (first offset, offset after the last), in order within a partition."""
        left = {partition: end for partition, (start, end) in ranges.items() if end > start}
        consumer = Consumer({"bootstrap.servers": self._bootstrap, **_READING, **_QUIET})
        try:
            consumer.assign([TopicPartition(topic, partition, ranges[partition][0]) for partition in left])
            while left:
                message = _poll(consumer, topic)
                # a message that was read has both
                partition, offset = cast(int, message.partition()), cast(int, message.offset())
                if offset < left.get(partition, 0):
                    yield message
                if offset >= left.get(partition, offset + 2) - 1:
                    del left[partition]
        finally:
            consumer.close()


_READING = {"group.id": "footfall-none", "enable.auto.commit": False, "auto.offset.reset": "error"}


def _poll(consumer: Consumer, topic: str) -> Message:
    message = consumer.poll(_TIMEOUT_SECONDS)
    if message is None:
        raise TimeoutError(
            f"{topic}: the broker gave no message within {_TIMEOUT_SECONDS:.0f} s, although there are some."
        )
    if message.error():
        raise KafkaException(message.error())
    return message
