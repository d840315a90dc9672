"""Upkeep and erasures take turns at the archive's files, also where a plan, a pool or a pause let both begin."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DagId
from spark_jobs.failures import StaleAttempt, TransientError
from spark_jobs.ledger import take
from spark_jobs.rewriters import sole_rewriter

MINUTE = timedelta(minutes=1)


@pytest.fixture
def entry(database):
    """Takes an entry that stands in the ledger with a lease of a minute, or one that is over."""
    dags = {"archive-1": DagId.MAINTAIN_ARCHIVE, "erasures-1": DagId.FORGET_PEOPLE}

    def do(key, lease=MINUTE):
        held = {"dag": str(dags[key]), "lease": {"run": "r", "until": datetime.now(UTC) + lease}}
        database[Collection.BATCHES].update_one(
            {"_id": key}, {"$set": held, "$setOnInsert": {"attempt": 0}}, upsert=True
        )
        return take(database, key, "r")

    return do


def test_one_of_them_at_a_time(database, entry):
    upkeep, erasures = entry("archive-1"), entry("erasures-1")
    with sole_rewriter(database, upkeep):
        upkeep.hold()
        with pytest.raises(TransientError, match="archive-1 writes"), sole_rewriter(database, erasures):
            pass
        upkeep.hold()
    with sole_rewriter(database, erasures):
        erasures.hold()


def test_who_was_not_heard_of_loses_the_turn_and_writes_nothing_more(database, entry):
    upkeep, erasures = entry("archive-1", lease=-MINUTE), entry("erasures-1")
    with sole_rewriter(database, upkeep):
        with sole_rewriter(database, erasures):
            with pytest.raises(TransientError, match="not heard of"):
                upkeep.hold()
            erasures.hold()
        assert database[Collection.PLATFORM].find_one({"_id": "archive_rewriter"}) is None


def test_a_later_attempt_has_its_own_turn_at_once(database, entry):
    dead, later = entry("archive-1"), entry("archive-1")
    with sole_rewriter(database, dead), sole_rewriter(database, later):
        later.hold()
        with pytest.raises(StaleAttempt):
            dead.hold()
