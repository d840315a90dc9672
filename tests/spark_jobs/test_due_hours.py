"""Hours that are due and that nobody holds any more: a batch of no messages computes them."""

from datetime import UTC, datetime

import pytest

from contracts.names import Collection, DueGroup, Topic
from contracts.person_ids import IdKind, PersonId
from footfall_airflow.inbox_work import other_work
from spark_jobs.process_events.job import compute_hours, process
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message
from tests.spark_jobs.forgetting import at, fill, forgetting


def compute_beside(jobs, batch, snapshot, meanwhile):
    """Computes the batch's hours; `meanwhile` happens when they are computed and not written yet."""
    calls = []

    def hold():
        calls.append(1)
        if len(calls) == 2:
            meanwhile()

    batch.entry.hold = hold
    batch.entry.note_reported(compute_hours(batch, snapshot), 1.0)
    jobs.commit(batch.id)


@pytest.fixture
def jobs(spark, mongo, kafka_broker):
    with forgetting(spark, mongo, kafka_broker) as jobs:
        yield jobs


def test_an_hour_of_an_erasure_beside_a_batch_is_computed_without_a_message(jobs):
    shop = fill(jobs)
    jobs.erase(shop, PersonId(IdKind.USER, "user-anna"))
    jobs.round()
    # as planning notes it: the erasure does not wait for batches that begin from now on
    jobs.erasures.update_one({}, {"$set": {"after": jobs.last}})
    shop.send([message(None, at(9), "bert")])
    batch = jobs.take(jobs.plan())
    compute_beside(jobs, batch, process(batch), jobs.round)
    has_work = other_work(jobs.database, Topic.EVENTS)
    assert len(jobs.due(DueGroup.HOUR)) == 1 and has_work(datetime.now(UTC))
    number = jobs.batch()
    assert jobs.database[Collection.BATCHES].find_one({"_id": number})["messages"] == 0
    assert jobs.due(DueGroup.HOUR) == [] and not has_work(datetime.now(UTC))
    jobs.days()
    assert_reports_are_right(shop)
