"""A database that was lost while the archive stayed: the ledger begins anew, and must not write into the old batches."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import MongoClient

from contracts.archive import TABLE
from contracts.names import Collection
from contracts.settings import Settings
from spark_jobs.archive import create_archive, current_snapshot
from spark_jobs.failures import TransientError
from tests.road.shops import message
from tests.spark_jobs.jobs import Jobs, make_topics

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def jobs(spark, mongo, kafka_broker):
    create_archive(spark)
    client = MongoClient(mongo, tz_aware=True)
    names = [f"own_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    settings = Settings(kafka_bootstrap=kafka_broker)
    topic_id = make_topics(settings)
    yield [Jobs(spark, client[name], settings, topic_id) for name in names]
    for name in names:
        client.drop_database(name)
    client.close()
    spark.sql(f"DROP TABLE {TABLE} PURGE")


def test_a_ledger_that_begins_anew_beside_an_archive_writes_nothing(jobs):
    before, after = jobs
    shop = before.shop("lamps")
    for minute in range(2):
        shop.send([message(None, NOON + timedelta(minutes=minute))])
        before.batch()
    kept = current_snapshot(before.spark)
    first = after.plan()
    for _ in range(2):
        with pytest.raises(TransientError, match="The archive holds batch 2, and the ledger does not know it"):
            after.run(first)
    assert current_snapshot(after.spark) == kept
    assert after.database[Collection.ORDERS].count_documents({}) == 0


@pytest.mark.long
def test_a_second_topic_begins_beside_the_batches_of_the_first(jobs):
    ours, _ = jobs
    shop = ours.shop("lamps")
    shop.send([message(None, NOON)])
    ours.batch()
    shop.send([message(None, NOON + timedelta(minutes=1))])
    second = ours.plan()
    ours.database[Collection.BATCHES].update_one({"_id": second}, {"$set": {"previous": 0}})
    ours.run(second)
    assert shop.books()["accepted"] == 2
