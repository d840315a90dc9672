"""The topics: partitions, how long messages stay, and how large one may be."""

from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from contracts.messages import MAX_ERROR_BYTES, MAX_MESSAGE_BYTES
from contracts.names import Topic
from contracts.settings import Settings

_TIMEOUT_SECONDS = 30
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Kept:
    days: int
    is_spread: bool
    """Over as many partitions as the settings say, or on one."""
    is_compacted: bool = False
    """The last message of each key stays for ever, whatever `days` says."""


TOPICS: Mapping[Topic, Kept] = {
    Topic.EVENTS: Kept(days=7, is_spread=True),
    Topic.ERRORS: Kept(days=30, is_spread=True),
    Topic.REPORT_REQUESTS: Kept(days=7, is_spread=False),
    Topic.REPORT_READY: Kept(days=1, is_spread=False),
    Topic.SHOP_KEYS: Kept(days=7, is_spread=False, is_compacted=True),
}


def create_topics(settings: Settings) -> None:
    """Creates the topics that are missing, adds partitions that are missing, and sets what may differ."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    known = admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
    counts = {topic: _partitions(topic, settings) for topic in Topic}
    missing = [NewTopic(name, counts[name], settings.topic_replication) for name in Topic if name not in known]
    grown = [
        NewPartitions(name, counts[name])
        for name in Topic
        if name in known and len(known[name].partitions) < counts[name]
    ]
    if missing:
        _finish(admin.create_topics(missing, operation_timeout=_TIMEOUT_SECONDS), "TOPIC_ALREADY_EXISTS")
    if grown:
        _finish(admin.create_partitions(grown, operation_timeout=_TIMEOUT_SECONDS), "INVALID_PARTITIONS")
    _finish(admin.incremental_alter_configs([_configuration(topic, settings) for topic in Topic]))


def _partitions(topic: Topic, settings: Settings) -> int:
    return settings.topic_partitions if TOPICS[topic].is_spread else 1


def _configuration(topic: Topic, settings: Settings) -> ConfigResource:
    values = {
        "cleanup.policy": "compact" if TOPICS[topic].is_compacted else "delete",
        "retention.ms": TOPICS[topic].days * _DAY_MS,
        "max.message.bytes": MAX_ERROR_BYTES if topic is Topic.ERRORS else MAX_MESSAGE_BYTES,
        "min.insync.replicas": 2 if settings.topic_replication > 2 else 1,
    }
    entries = [
        ConfigEntry(name, str(value), incremental_operation=AlterConfigOpType.SET) for name, value in values.items()
    ]
    return ConfigResource(ResourceType.TOPIC, topic.value, incremental_configs=entries)


def _finish(futures, harmless: str = "") -> None:  # type: ignore[no-untyped-def]
    """Waits for the broker's answers; raises KafkaException unless another start-up was quicker."""
    for future in futures.values():
        try:
            future.result(_TIMEOUT_SECONDS)
        except KafkaException as error:
            if error.args[0].name() != harmless:
                raise
