from datetime import UTC, datetime

import pytest
from confluent_kafka import KafkaException, TopicPartition

from footfall_airflow.offsets import Broker


def test_state_of_a_topic(broker, topic, send):
    send(b"a", b"b", partition=1)
    state = broker.read_state(topic)
    assert (state.lows, state.ends) == ({0: 0, 1: 0, 2: 0}, {0: 0, 1: 2, 2: 0})


def test_id_changes_when_a_topic_is_made_anew(broker, topic, make_topic, admin):
    before = broker.read_state(topic).topic_id
    assert broker.read_state(topic).topic_id == before
    admin.delete_topics([topic])[topic].result(20)
    make_topic(topic)
    assert broker.read_state(topic).topic_id != before


def test_low_watermark_moves_when_messages_are_dropped(broker, topic, send, admin):
    send(b"a", b"b", b"c")
    for done in admin.delete_records([TopicPartition(topic, 0, 2)]).values():
        done.result(20)
    assert broker.read_state(topic).lows[0] == 2


def test_messages_of_exactly_the_ranges(broker, topic, send):
    send(b"0", b"1", b"2", b"3")
    send(b"x", b"y", partition=2)
    found = sorted(message.value() for message in broker.messages(topic, {0: (1, 3), 1: (0, 0), 2: (0, 2)}))
    assert found == [b"1", b"2", b"x", b"y"]


def test_time_that_kafka_stamped(broker, topic, send):
    at = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)
    send(b"a", at=at)
    assert broker.time_of(topic, 0, 0) == at


def test_missing_topic_is_an_error(broker):
    with pytest.raises(KafkaException):
        broker.read_state("no-such-topic")


def test_dead_broker_is_an_error():
    with pytest.raises((KafkaException, TimeoutError)):
        Broker("127.0.0.1:1").read_state("any")
