"""Topics are made at start-up, and grow when the settings do."""

from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from contracts.messages import MAX_ERROR_BYTES, MAX_MESSAGE_BYTES
from contracts.names import Topic
from contracts.settings import Settings
from stack.topics import create_topics
from stack.waiting import wait_until


def partitions(bootstrap):
    topics = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics
    return {name: len(topic.partitions) for name, topic in topics.items() if name in set(Topic)}


def test_every_topic_exists_and_grows(own_kafka):
    create_topics(Settings(kafka_bootstrap=own_kafka, topic_partitions=2))
    assert partitions(own_kafka) == {
        Topic.EVENTS: 2,
        Topic.ERRORS: 2,
        Topic.REPORT_REQUESTS: 1,
        Topic.REPORT_READY: 1,
        Topic.SHOP_KEYS: 1,
    }
    create_topics(Settings(kafka_bootstrap=own_kafka, topic_partitions=3))
    assert wait_until(lambda: partitions(own_kafka)[Topic.EVENTS] == 3, 10), "the broker tells of it a moment later"
    create_topics(Settings(kafka_bootstrap=own_kafka, topic_partitions=1))
    assert partitions(own_kafka)[Topic.EVENTS] == 3


def largest(bootstrap, topic):
    resource = ConfigResource(ResourceType.TOPIC, topic.value)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    return int(admin.describe_configs([resource])[resource].result(10)["max.message.bytes"].value)


def test_a_request_that_could_not_be_split_has_room_and_so_has_its_error(own_kafka):
    create_topics(Settings(kafka_bootstrap=own_kafka))
    assert largest(own_kafka, Topic.EVENTS) == MAX_MESSAGE_BYTES > 500 * 1024 * 4 / 3
    assert largest(own_kafka, Topic.ERRORS) == MAX_ERROR_BYTES > 2 * MAX_MESSAGE_BYTES * 4 / 3
