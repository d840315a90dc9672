"""Erasures of one round: none holds up the others."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import DocumentTooLarge, ServerSelectionTimeoutError

from contracts.erasures import new_erasure
from contracts.names import DagId
from contracts.set_aside import DamagedCopy
from contracts.settings import Settings
from footfall_airflow.ledger import Ledger
from spark_jobs.attempts import Attempt
from spark_jobs.failures import PermanentError, StaleAttempt, TransientError
from spark_jobs.forget_people import job
from spark_jobs.forget_people.erasures import move
from spark_jobs.ledger import take

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)


@pytest.fixture
def attempt(database):
    key = Ledger(database, DagId.FORGET_PEOPLE, 60).plan("run", datetime.now(UTC), prefix="erasures-")["_id"]
    return Attempt(None, database, Settings(), take(database, key, "run"))


@pytest.fixture
def order(database):
    def do(name, **overrides):
        minute = database.erasures.count_documents({})
        erasure = new_erasure(f"lamps/{name}", "lamps", "e1", [], "anna", NOW + timedelta(minutes=minute))
        database.erasures.insert_one(dict(erasure) | {"after": 0} | overrides)

    return do


@pytest.fixture
def steps(monkeypatch):
    """The erasures whose turn it was; `raises`: what a step raises, by erasure."""
    turns, raises = [], {}

    def step(_, erasure):
        turns.append(erasure["_id"].partition("/")[2])
        if turns[-1] in raises:
            raise raises[turns[-1]]
        return []

    monkeypatch.setattr(job, "step", step)
    return turns, raises


@pytest.mark.parametrize(
    "error", [DamagedCopy("7"), PermanentError("no"), DocumentTooLarge("so long"), KeyError("ids")]
)
def test_one_that_fails_is_tried_again_later_and_the_others_go_on(attempt, order, steps, database, error):
    turns, raises = steps
    order("bad"), order("good")
    raises["bad"] = error
    job.work(attempt)
    assert turns == ["bad", "good"]
    bad = database.erasures.find_one({"_id": "lamps/bad"})
    assert bad["failure"] == type(error).__name__ and bad["not_before"] > datetime.now(UTC)
    job.work(attempt)
    assert turns == ["bad", "good", "good"]
    move(database, bad, "found")
    assert database.erasures.find_one({"_id": "lamps/bad"})["failure"] is None


def test_one_that_waits_has_not_failed(attempt, order, steps, database):
    turns, raises = steps
    order("waits", failure="KeyError"), order("good")
    raises["waits"] = TransientError("A batch is at work.")
    job.work(attempt)
    waits = database.erasures.find_one({"_id": "lamps/waits"})
    assert turns == ["waits", "good"] and waits["failure"] is None and waits["not_before"] is not None


@pytest.mark.parametrize("error", [StaleAttempt("taken over"), ServerSelectionTimeoutError("away"), ConnectionError()])
def test_what_is_nobodys_own_ends_the_round(attempt, order, steps, database, error):
    turns, raises = steps
    order("first"), order("second")
    raises["first"] = error
    with pytest.raises(type(error)):
        job.work(attempt)
    assert turns == ["first"] and database.erasures.find_one({"_id": "lamps/first"})["not_before"] is None


def test_who_still_stands_where_the_platform_reads_goes_before_what_is_older(attempt, order, steps):
    turns, _ = steps
    for number in range(job.MOST_IN_A_ROUND):
        order(f"old-{number}", state="erased")
    for state in ("erasing", "found", "ordered"):
        order(state, state=state)
    job.work(attempt)
    assert turns[:4] == ["erasing", "found", "ordered", "old-0"] and len(turns) == job.MOST_IN_A_ROUND
