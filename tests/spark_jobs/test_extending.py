"""Messages that came between plan and job are part of the batch, where nobody can have read it before."""

from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from contracts.names import BatchState, Collection, Topic
from spark_jobs.failures import StaleAttempt
from spark_jobs.process_events.extending import extend
from tests.road.shops import message
from tests.spark_jobs.jobs import PARTITIONS, ends

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def views(count):
    return [message(None, NOON + timedelta(minutes=minute), f"v{minute}") for minute in range(count)]


@pytest.fixture
def shop(jobs):
    return jobs.shop("amber")


@pytest.fixture
def planned(jobs, shop):
    """A batch of two messages, one in each partition, and three more behind it."""
    shop.send(views(2))
    number = jobs.plan()
    shop.send(views(3))
    return number


def entry(jobs, number):
    return jobs.database[Collection.BATCHES].find_one({"_id": number})


def set_in(jobs, number, **values):
    jobs.database[Collection.BATCHES].update_one({"_id": number}, {"$set": values})


def test_what_came_since_is_counted_with_the_batch_and_once(jobs, shop, planned):
    before = entry(jobs, planned)
    jobs.run(planned)
    jobs.commit(planned)
    found = entry(jobs, planned)
    assert found["ranges"] == {"0": [0, 3], "1": [0, 2]}
    assert found["ends"] == ends(jobs.settings)
    assert (found["messages"], found["counts"]["messages"]) == (5, 5)
    assert found["watermark"] == found["asked_at"] > before["watermark"]
    jobs.ends = found["ends"]
    shop.send(views(1))
    jobs.batch()
    assert entry(jobs, jobs.last)["ranges"]["0"] == [3, 4]
    assert shop.books()["received"] == 6


def test_a_second_attempt_reads_what_the_first_one_read(jobs, shop, planned):
    extend(jobs.take(planned))
    first = entry(jobs, planned)
    shop.send(views(2))
    extend(jobs.take(planned))
    assert entry(jobs, planned)["ranges"] == first["ranges"] == {"0": [0, 3], "1": [0, 2]}


def test_an_attempt_that_lost_its_batch_moves_nothing(jobs, planned):
    late = jobs.take(planned)
    jobs.take(planned)
    before = entry(jobs, planned)
    with pytest.raises(StaleAttempt):
        extend(late)
    assert entry(jobs, planned) == before


def test_what_held_the_watermark_back_holds_it_still(jobs, planned):
    set_in(jobs, planned, watermark=NOON)
    extend(jobs.take(planned))
    found = entry(jobs, planned)
    assert (found["messages"], found["watermark"].replace(tzinfo=UTC)) == (5, NOON)


def test_a_partition_that_the_plan_had_nothing_of(jobs, planned):
    set_in(jobs, planned, ranges={"1": [0, 1]}, ends={"0": 1, "1": 1}, messages=1)
    extend(jobs.take(planned))
    found = entry(jobs, planned)
    assert (found["ranges"], found["messages"]) == ({"0": [1, 3], "1": [0, 2]}, 4)


@pytest.mark.parametrize(
    "values",
    [
        {"messages": 200_000},
        {"state": BatchState.COMMITTED},
        {"root": 1},
        {"ends": {"0": 1, "1": 7}},
        {"ends": {"0": 1}},
    ],
    ids=["full", "final", "half", "messages were lost", "a partition is new"],
)
def test_left_as_planned(jobs, planned, values):
    set_in(jobs, planned, **values)
    batch = jobs.take(planned)
    before = entry(jobs, planned)
    extend(batch)
    assert entry(jobs, planned) == before


@pytest.mark.long
def test_a_topic_that_grew_waits_for_the_planner(jobs, planned):
    admin = AdminClient({"bootstrap.servers": jobs.settings.kafka_bootstrap})
    admin.create_partitions([NewPartitions(Topic.EVENTS, PARTITIONS + 1)])[Topic.EVENTS].result(20)
    batch = jobs.take(planned)
    extend(batch)
    assert entry(jobs, planned)["messages"] == 2
