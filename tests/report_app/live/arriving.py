"""Envelopes in the topic, as a collector would have put them there; all of them just now."""

import json
import uuid
from datetime import UTC, datetime

from confluent_kafka import Producer, TopicCollection
from confluent_kafka.admin import AdminClient

from contracts.names import Topic
from tests.report_app.arrivals.envelopes import envelope


def arrive(bootstrap, changed=None, merchant="nordlicht", **overrides):
    """(partition, offset) of the message."""
    message = {"messageId": str(uuid.uuid4())} | (changed or {})
    value = json.dumps(envelope(message, at=datetime.now(UTC), merchant=merchant, **overrides)).encode()
    places = []
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    producer.produce(Topic.EVENTS, value, on_delivery=lambda _, sent: places.append((sent.partition(), sent.offset())))
    assert producer.flush(10) == 0
    return places[0]


def topic_id(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    found = admin.describe_topics(TopicCollection([Topic.EVENTS.value]))
    return str(found[Topic.EVENTS.value].result(10).topic_id)


def done_batch(bootstrap, place, number, reported_at):
    """The ledger's entry of a batch of this one message."""
    partition, offset = place
    return {
        "_id": number,
        "dag": "process_events",
        "run": "r",
        "topic": str(Topic.EVENTS),
        "previous": number - 1,
        "topic_id": topic_id(bootstrap),
        "state": "committed",
        "reported_at": reported_at,
        "ranges": {str(partition): [offset, offset + 1]},
    }
