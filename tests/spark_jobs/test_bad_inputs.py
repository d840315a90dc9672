"""Every class of bad input through the real collector, broker and jobs, in one batch, each beside good messages."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

import pytest
import requests
from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.names import BatchState, Collection, DueGroup, Topic
from contracts.reports import Family
from contracts.settings import Settings
from footfall_airflow.inbox_work import work_off
from tests.bad_inputs.rows import Door
from tests.bad_inputs.table import BAD_INPUTS
from tests.collector.running import SECRETS, make_topic, running_collector, until
from tests.road.shops import bytes_of, message
from tests.spark_jobs.jobs import Jobs, ends, jobs_on

SHOPS = {name: f"shop{number}" for number, name in enumerate(BAD_INPUTS)}


class Story:
    """Everything was sent, and one batch has run; `answers` are the collector's by the name of the row."""

    def __init__(self, jobs, url):
        self.jobs, self.url = jobs, url
        self.shops = {name: jobs.shop(shop, zone="America/New_York") for name, shop in SHOPS.items()}
        self.values, self.answers = {}, {}
        self.producer = Producer({"bootstrap.servers": jobs.settings.kafka_bootstrap, "message.max.bytes": 2_000_000})
        for name, row in BAD_INPUTS.items():
            self.send(name, row)
        assert self.producer.flush(30) == 0
        self.number = jobs.batch()
        self.filed = self.file()
        jobs.days()

    def send(self, name, row):
        now = datetime.now(UTC)
        good = [message(None, now), message("Order Completed", now, order_id="good", revenue="12.50")]
        first, second = map(bytes_of, good)
        if row.door is Door.MEMBER:
            self.answers[name] = self.post(name, row, b'{"batch":[' + b",".join([first, row.sent, second]) + b"]}")
            return
        if row.door in (Door.BATCH, Door.TRACK):
            self.answers[name] = self.post(name, row, row.sent)
        else:
            self.put(name, row)
        assert self.shops[name].post("/v1/batch", b'{"batch":[' + first + b"," + second + b"]}").ok

    def post(self, name, row, body):
        path = "/v1/track" if row.door is Door.TRACK else "/v1/batch"
        auth = (self.shops[name].key(row.kind), "") if row.has_key else None
        return requests.post(f"{self.url}{path}", data=body, auth=auth, timeout=30)

    def put(self, name, row):
        value = row.sent
        if row.door is not Door.VALUE:
            value = self.shops[name].envelope(row.sent, row.kind, **row.fields)
        self.values[name] = value
        stamp = {} if row.kafka_time_ms is None else {"timestamp": row.kafka_time_ms}
        self.producer.produce(Topic.EVENTS, value, **stamp)

    def file(self):
        """The errors topic into the inbox, as DAG reprocess_errors does it; how many documents are new."""
        consumer = Consumer({"bootstrap.servers": self.jobs.settings.kafka_bootstrap, "group.id": "filing"})
        wanted = ends(self.jobs.settings, Topic.ERRORS)
        consumer.assign([TopicPartition(Topic.ERRORS, int(partition), 0) for partition in wanted])
        messages = []
        while len(messages) < sum(wanted.values()):
            found = consumer.consume(1, timeout=20)
            assert found, "the errors topic could not be read to its end"
            messages += found
        consumer.close()
        work_off(self.jobs.database, self.jobs.settings, messages, "errors-of-the-tests", datetime.now(UTC))
        return self.jobs.database[Collection.FAILED_EVENTS].count_documents({})

    @cached_property
    def inbox(self):
        """{shop: what stands in its inbox as (code, original)}"""
        found = defaultdict(Counter)
        for document in self.jobs.database[Collection.FAILED_EVENTS].find():
            found[document["merchant"]][document["code"], bytes(document["original"])] += 1
        return found

    def kept(self, name):
        """(shop, code, bytes) that the row must leave in the inbox; None where it leaves nothing."""
        row = BAD_INPUTS[name]
        fate = row.fate
        if fate.code is None:
            return None
        sent = row.sent
        if "message" in row.fields and row.fields["message"] is not None:
            sent = row.fields["message"].encode()
        whole = self.values.get(name) or b""
        kept = whole if fate.whole_value else sent if fate.kept is None else fate.kept
        return SHOPS[name] if fate.merchant is None else fate.merchant, fate.code, kept


@pytest.fixture(scope="module")
def story(spark, mongo, kafka_broker, tmp_path_factory):
    secrets = ",".join(f"{key}:{secret.hex()}" for key, secret in SECRETS.items())
    settings = Settings(kafka_bootstrap=kafka_broker, key_secrets=secrets)
    with jobs_on(spark, mongo, settings, Jobs) as jobs:
        make_topic(kafka_broker)
        with running_collector(kafka_broker, tmp_path_factory.mktemp("collector")) as collector:
            until(collector.is_ready)
            jobs.settings = replace(settings, public_collector_url=collector.url)
            yield Story(jobs, collector.url)


def test_the_table_has_sixty_classes_and_more():
    assert len(BAD_INPUTS) >= 60


def test_the_batch_is_done(story):
    (entry,) = story.jobs.database[Collection.BATCHES].find({"_id": story.number})
    assert (entry["state"], entry["attempt"]) == (BatchState.COMMITTED, 1)
    assert story.jobs.due(DueGroup.HOUR) == story.jobs.due(DueGroup.DAY) == []


def test_the_inbox_holds_what_was_rejected_and_nothing_else(story):
    wanted = defaultdict(Counter)
    for kept in filter(None, map(story.kept, BAD_INPUTS)):
        wanted[kept[0]][kept[1:]] += 1
    assert {shop for shop in story.inbox if story.inbox[shop] != wanted[shop]} == set()
    assert sum(map(Counter.total, wanted.values())) == story.filed


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_each_is_counted_or_in_the_inbox_and_its_neighbours_count(story, name):
    row, shop = BAD_INPUTS[name], story.shops[name]
    if name in story.answers:
        status = row.fate.status or 200
        assert story.answers[name].status_code == status, story.answers[name].text
    kept = story.kept(name)
    assert kept is None or story.inbox[kept[0]][kept[1:]] >= 1, story.inbox[kept[0]]
    is_own = kept is not None and kept[0] == SHOPS[name]
    assert story.inbox[SHOPS[name]].total() == is_own
    books = shop.books()
    assert books | {"received": books["received"] + books["returned"], "returned": 0} == {
        "received": 2 + row.fate.counted + is_own,
        "returned": 0,
        "accepted": 2 + row.fate.counted,
        "duplicate": 0,
        "bot": 0,
        "rejected": int(is_own),
    }
    orders = row.fate.counted and b'"Order Completed"' in row.sent
    assert sum(hour["orders"] for hour in shop.hours(Family.SALES).values()) == 1 + orders
