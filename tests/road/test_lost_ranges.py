"""Kafka no longer has what nobody has read: the road stops and names it, until a person accepts the loss."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from confluent_kafka import TopicPartition
from confluent_kafka.admin import OffsetSpec

from contracts.names import BatchState, Collection, DagId, Topic
from contracts.promises import CheckName, PromiseState
from footfall_airflow.ledger import position_of
from footfall_airflow.offsets import Broker
from stack.commands import main
from stack.topics import create_topics
from stack.waiting import wait_until
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.shops import message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
WHO = ("--by", "anna", "--reason", "a drill", "--yes")
EVENTS = Topic.EVENTS.value


@pytest.fixture
def shop(road, request):
    road.wait()
    return road.new_shop(request.node.name[len("test_") :].replace("_", "-"))


def views(first):
    return [message(None, NOON, f"v{first + n}") for n in range(3)]


def drop_everything(road):
    """What a retention does that passes: the topic's messages are gone up to its ends. Answers the ends."""
    partitions = [TopicPartition(EVENTS, number) for number in range(road.settings.topic_partitions)]
    latest = road.admin.list_offsets({partition: OffsetSpec.latest() for partition in partitions})
    ends = {partition.partition: future.result().offset for partition, future in latest.items()}
    gone = [TopicPartition(EVENTS, number, end) for number, end in ends.items() if end]
    for future in road.admin.delete_records(gone).values():
        future.result()
    return ends


def make_anew(road):
    for future in road.admin.delete_topics([EVENTS], operation_timeout=30).values():
        future.result()
    assert wait_until(lambda: EVENTS not in road.admin.list_topics(timeout=10).topics, 30)
    create_topics(road.settings)
    broker = Broker(road.settings.kafka_bootstrap)
    assert wait_until(lambda: len(broker.read_state(Topic.EVENTS).ends) == road.settings.topic_partitions, 30)


def promise_of_events(road):
    """What watch_promises says of the topic after a run of its own."""
    run = road.airflow.trigger(DagId.WATCH_PROMISES)
    ended = ("success", "failed")
    assert wait_until(lambda: road.airflow.run(DagId.WATCH_PROMISES, run)["state"] in ended, 120)
    return road.database[Collection.PROMISES].find_one({"_id": f"{CheckName.LAG}/{EVENTS}"})


def accept(road, *what):
    done = CliRunner().invoke(
        main, ["ledger", "accept-loss", "--topic", EVENTS, *what, *WHO], env=road.stack.environment
    )
    assert done.exit_code == 0, done.output


def assert_it_stopped(road, before, *words):
    """The promise is broken and its sentence helps; no batch was planned over the hole."""
    promise = promise_of_events(road)
    assert promise["state"] == PromiseState.BROKEN
    assert all(word in promise["sentence"] for word in ("footfall ledger accept-loss", *words))
    assert road.newest_batch()["_id"] == before["_id"]


def assert_it_goes_on(road, shop):
    road.wait()
    assert promise_of_events(road)["state"] == PromiseState.MENDED
    assert road.database[Collection.BATCHES].count_documents({"state": BatchState.LOST, "by": "anna"})
    assert_reports_are_right(shop)
    assert_books_balance(shop)


def test_retention_passed_an_unread_range(road, shop):
    before = road.newest_batch()
    read = position_of(road.database, Topic.EVENTS).ends
    with road.paused_events():
        shop.send(views(0))
        ends = drop_everything(road)
        lost = {number: (read.get(number, 0), end - 1) for number, end in ends.items() if end > read.get(number, 0)}
        shop.arrivals.clear()
        shop.send(views(3))
    ranges = [f"{number}:{first}-{last}" for number, (first, last) in lost.items()]
    assert_it_stopped(road, before, f"partition {min(lost)}")
    accept(road, *[word for one in ranges for word in ("--range", one)])
    assert_it_goes_on(road, shop)


@pytest.mark.long
def test_a_topic_deleted_and_made_anew(road, shop):
    before = road.newest_batch()
    with road.paused_events():
        shop.send(views(0))
        make_anew(road)
        shop.arrivals.clear()
        road.wait_for_collectors()
        shop.send(views(3))
    assert_it_stopped(road, before, "made anew")
    accept(road, "--made-anew")
    assert_it_goes_on(road, shop)
