"""Losses on a real broker: Kafka dropped what nobody read, or the topic was made anew; a named user lets the road go on."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.names import BatchState, Collection, DagId, Topic
from footfall_airflow.ledger import Ledger
from footfall_airflow.offsets import Broker
from footfall_airflow.planning import plan_batch
from footfall_airflow.ranges import LostRange
from stack.commands import main
from stack.database import prepare_database
from stack.waiting import wait_until
from tests.databases import own_database

TOPIC = Topic.EVENTS.value
WHO = ("--by", "anna", "--reason", "disk failed")


class Place:
    """The events topic with two partitions, an empty ledger, and `footfall ledger`."""

    def __init__(self, bootstrap, uri, database, tmp_path):
        self.bootstrap, self.database = bootstrap, database
        self.admin, self.broker = AdminClient({"bootstrap.servers": bootstrap}), Broker(bootstrap)
        self.ledger = Ledger(database, DagId.PROCESS_EVENTS, 60)
        self.environment = {
            "FOOTFALL_DATA": str(tmp_path),
            "FOOTFALL_KAFKA_BOOTSTRAP": bootstrap,
            "FOOTFALL_MONGO_URI": uri,
            "FOOTFALL_DATABASE": database.name,
        }

    def make(self):
        self.remove()
        assert wait_until(lambda: self.admin.create_topics([NewTopic(TOPIC, 2, 1)])[TOPIC].exception(20) is None, 30)
        assert wait_until(self.has_leaders, 30)
        return self

    def has_leaders(self):
        try:
            return len(self.state().ends) == 2
        except KafkaException:
            return False

    def remove(self):
        if TOPIC in self.admin.list_topics(timeout=10).topics:
            self.admin.delete_topics([TOPIC])[TOPIC].result(20)

    def state(self):
        return self.broker.read_state(TOPIC)

    def send(self, count, partition=0):
        producer = Producer({"bootstrap.servers": self.bootstrap})
        for number in range(count):
            producer.produce(TOPIC, str(number).encode(), partition=partition)
        assert producer.flush(20) == 0

    def drop(self, before, partition=0):
        for done in self.admin.delete_records([TopicPartition(TOPIC, partition, before)]).values():
            done.result(20)

    def plan(self, run):
        return plan_batch(self.ledger, self.broker, TOPIC, run, 1_000)

    def finish(self, run):
        entry = self.plan(run)
        self.database[Collection.BATCHES].update_one({"_id": entry["_id"]}, {"$set": {"state": "reported"}})
        self.ledger.commit(entry["_id"], datetime.now(UTC))
        self.ledger.announce(entry["_id"], datetime.now(UTC))

    def say(self, *words):
        return CliRunner().invoke(main, ["ledger", *words], env=self.environment)

    def accept(self, *words):
        return self.say("accept-loss", "--topic", TOPIC, *words, *WHO)


@pytest.fixture
def place(kafka_broker, mongo, tmp_path):
    with own_database(mongo, "losses") as database:
        prepare_database(database)
        place = Place(kafka_broker, mongo, database, tmp_path).make()
        yield place
        place.remove()


def lost_after_a_batch(place):
    place.send(1)
    place.finish("run-1")
    place.send(5)
    place.drop(before=4)


def test_a_loss_is_booked_by_a_named_user_and_the_road_goes_on(place):
    lost_after_a_batch(place)
    with pytest.raises(LostRange, match=r"--range 0:1-3 --by NAME"):
        place.plan("run-2")
    said = place.accept("--range", "0:1-3", "--yes")
    assert said.exit_code == 0, said.output
    booked = place.database[Collection.BATCHES].find_one({"state": BatchState.LOST})
    assert (booked["ranges"], booked["messages"], booked["by"], booked["previous"]) == ({"0": [1, 4]}, 3, "anna", 1)
    assert booked["lost"][0].items() >= {"first": 1, "last": 3, "reason": "disk failed"}.items()
    entry = place.plan("run-2")
    assert (entry["previous"], entry["ranges"]) == (booked["_id"], {"0": [4, 6]})


def test_it_rehearses_unless_told_otherwise(place):
    lost_after_a_batch(place)
    said = place.accept("--range", "0:1-3")
    assert said.exit_code == 0 and "3 messages would be booked as lost" in said.output
    with pytest.raises(LostRange):
        place.plan("run-2")


def test_nothing_but_what_is_lost_can_be_booked(place):
    lost_after_a_batch(place)
    for words in (("--range", "0:1-4"), ("--range", "0:1-2"), ("--range", "1:0-3"), ("--made-anew",), ()):
        assert place.accept(*words, "--yes").exit_code == 1, words
    assert place.database[Collection.BATCHES].count_documents({}) == 1
    assert "0:1-3" in place.accept("--range", "0:0-9").output


def test_an_unfinished_batch_goes_on_without_what_is_lost(place):
    place.send(4)
    place.send(2, partition=1)
    entry = place.plan("run-1")
    place.drop(before=3)
    place.drop(before=2, partition=1)
    words = ("--range", "0:0-2", "--range", "1:0-1", "--yes")
    assert "right now" in place.accept(*words).output, "a run holds the batch"
    place.ledger.release("run-1", datetime.now(UTC), is_failed=True)
    assert place.accept(*words).exit_code == 0
    taken = place.plan("run-2")
    assert (taken["_id"], taken["ranges"], taken["messages"]) == (entry["_id"], {"0": [3, 4]}, 1)
    assert taken["attempt"] == entry["attempt"] + 1, "an attempt that still runs is stale"


def test_a_topic_made_anew_is_read_from_its_oldest_message(place):
    place.send(3)
    place.finish("run-1")
    place.send(1)
    open_ = place.plan("run-2")
    place.ledger.release("run-2", datetime.now(UTC), is_failed=True)
    due = {"merchant": "lamps", "group": "hour", "scope": "2026-11-25T10:00Z", "sequence": 1, "token": "t"}
    place.database[Collection.DUE_SCOPES].insert_one(due | {"_id": "lamps/hour/x", "holder": open_["_id"]})
    place.make().send(2)
    assert "would be read from its oldest message" in place.accept("--made-anew").output
    assert place.accept("--made-anew", "--yes").exit_code == 0
    assert place.ledger.entry(open_["_id"])["state"] == BatchState.LOST
    assert place.database[Collection.DUE_SCOPES].find_one()["holder"] is None, "somebody else computes it"
    entry = place.plan("run-3")
    assert (entry["topic_id"], entry["ranges"]) == (place.state().topic_id, {"0": [0, 2]})


def test_the_ledger_is_listed_and_shown(place):
    lost_after_a_batch(place)
    place.accept("--range", "0:1-3", "--yes")
    assert "accepted by anna" in place.say("list").output
    [only] = json.loads(place.say("list", "--state", "announced", "--json").output)
    assert json.loads(place.say("show", str(only["_id"])).output)["ranges"] == {"0": [0, 1]}
    assert place.say("show", "99").exit_code == 1


def test_without_a_broker_it_says_so(place):
    place.environment["FOOTFALL_KAFKA_BOOTSTRAP"] = "127.0.0.1:1"
    said = place.accept("--range", "0:1-3")
    assert said.exit_code == 1 and "is the stack running?" in said.output
