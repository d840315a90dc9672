"""A database that was lost while the archive stayed: the ledger begins anew, and must not write into the old batches."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection
from spark_jobs.archive import current_snapshot
from spark_jobs.failures import TransientError
from tests.road.shops import message
from tests.spark_jobs.jobs import Jobs

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def test_a_ledger_that_begins_anew_beside_an_archive_writes_nothing(jobs, database):
    shop = jobs.shop("lamps")
    for minute in range(2):
        shop.send([message(None, NOON + timedelta(minutes=minute))])
        jobs.batch()
    kept = current_snapshot(jobs.spark)
    after = Jobs(jobs.spark, database, jobs.settings, jobs.topic_id)
    first = after.plan()
    for _ in range(2):
        with pytest.raises(TransientError, match="The archive holds batch 2, and the ledger does not know it"):
            after.run(first)
    assert current_snapshot(after.spark) == kept
    assert "begun" not in after.database[Collection.BATCHES].find_one({"_id": first})
    assert after.database[Collection.ORDERS].count_documents({}) == 0


@pytest.mark.long
def test_a_second_topic_begins_beside_the_batches_of_the_first(jobs):
    shop = jobs.shop("lamps")
    shop.send([message(None, NOON)])
    jobs.batch()
    shop.send([message(None, NOON + timedelta(minutes=1))])
    second = jobs.plan()
    jobs.database[Collection.BATCHES].update_one({"_id": second}, {"$set": {"previous": 0}})
    jobs.run(second)
    assert shop.books()["accepted"] == 2
