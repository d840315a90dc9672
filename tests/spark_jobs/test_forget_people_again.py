"""Erasures that are killed, looked at first, held up by a missing secret, or cleared: each on an archive of its own."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from contracts.archive import CATALOG, TABLE
from contracts.erasures import MOST_LINKED, ErasureState
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId
from contracts.settings import Settings
from spark_jobs.failures import TransientError
from spark_jobs.forget_people import erasing
from spark_jobs.forgotten import read_forgotten
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message
from tests.spark_jobs.forgetting import HERS, at, by, fill, forget, forgetting

pytestmark = pytest.mark.long


@pytest.fixture
def jobs(spark, mongo, kafka_broker):
    with forgetting(spark, mongo, kafka_broker) as jobs:
        yield jobs


@pytest.fixture
def filled(jobs):
    return fill(jobs)


def test_an_erasure_that_is_killed_anywhere_is_ended_by_the_next_run(jobs, filled, monkeypatch):
    id_ = jobs.erase(filled, PersonId(IdKind.USER, "user-anna"))
    jobs.round()
    for name in ("erase_rows", "compute_hours", "erase_failures_of", "erase_places"):
        with monkeypatch.context() as patch:
            patch.setattr(erasing, name, killed)
            with pytest.raises(Killed):
                jobs.round()
        jobs.database[Collection.BATCHES].update_many({}, {"$set": {"lease": None}})
    forget(jobs, id_)
    assert not [one for one in HERS if one in jobs.search()]
    assert_reports_are_right(filled)
    assert jobs.erasures.find_one({"_id": id_})["found"]["archive"] == 6


class Killed(BaseException):
    """No handler sees a process end."""


def killed(*_, **__):
    raise Killed


def test_who_looks_first_changes_nothing(jobs, filled):
    before = jobs.search()
    id_ = jobs.erase(filled, PersonId(IdKind.USER, "user-anna"), is_confirmed=False)
    jobs.round()
    found = jobs.erasures.find_one({"_id": id_})
    assert found["state"] == ErasureState.FOUND and found["found"]["archive"] == 6
    kinds = [one["kind"] for one in found["ids"]]
    assert (kinds.count("anonymous"), kinds.count("user"), kinds.count("order")) == (2, 1, 1)
    assert not read_forgotten(jobs.database, jobs.settings)
    assert all(one in before for one in HERS)


def test_what_comes_before_they_are_found_goes_too(jobs, filled):
    id_ = jobs.erase(filled, PersonId(IdKind.USER, "user-anna"))
    arrivals = list(filled.arrivals)
    filled.send([message(None, at(9), "anna-phone"), by("user-anna", message(None, at(9), "anna-tablet"))])
    jobs.batch()
    assert "anna-tablet" in jobs.search()
    filled.arrivals = arrivals
    forget(jobs, id_)
    assert not [one for one in (*HERS, "anna-tablet") if one in jobs.search()]
    assert_reports_are_right(filled)


def test_of_what_may_be_everybodys_nothing_goes_before_a_person_has_looked(jobs):
    shop = jobs.shop()
    shop.send([by("guest", message(None, at(9), f"guest-{n}")) for n in range(MOST_LINKED[IdKind.ANONYMOUS] + 1)])
    jobs.batch()
    id_ = jobs.erase(shop, PersonId(IdKind.USER, "guest"))
    shop.send([by("guest", message(None, at(10), "guest-of-today"))])
    number = jobs.batch()
    jobs.round()
    found = jobs.erasures.find_one({"_id": id_})
    assert (found["state"], found["is_confirmed"], found["needs_a_look"]) == (ErasureState.FOUND, False, True)
    jobs.days()
    assert "forgotten" not in jobs.database[Collection.BATCHES].find_one({"_id": number})["counts"]
    assert_reports_are_right(shop)


def test_a_secret_that_is_gone_stops_the_road_and_loses_nothing(jobs, filled):
    jobs.erase(filled, PersonId(IdKind.USER, "user-anna"))
    jobs.round()
    jobs.settings = Settings(kafka_bootstrap=jobs.settings.kafka_bootstrap, erasure_secrets="e2:" + "00" * 16)
    filled.send([message(None, at(9), "bert")])
    number = jobs.plan()
    with pytest.raises(TransientError, match="e1"):
        jobs.run(number)


def test_states_and_files_of_before_go(jobs, filled):
    id_ = jobs.erase(filled, PersonId(IdKind.USER, "user-anna"))
    assert all(one in files(jobs) for one in HERS)
    jobs.settings = replace(jobs.settings, erasure_margin_seconds=0)
    forget(jobs, id_)
    jobs.erasures.update_one({"_id": id_}, {"$set": {"not_before": None}})
    jobs.round()
    assert jobs.spark.sql(f"SELECT * FROM {TABLE}.snapshots").count() == 1
    assert not [one for one in HERS if one in files(jobs)]
    found = jobs.erasures.find_one({"_id": id_})
    assert set(found["cleared"]) == {"archive", "copy"} and found["not_before"] is not None


def files(jobs):
    """Every Parquet file in the archive's folder as text, whether the archive knows it or not."""
    warehouse = Path(jobs.spark.conf.get(f"spark.sql.catalog.{CATALOG}.warehouse"))
    return "".join(str(pyarrow.parquet.read_table(path).to_pylist()) for path in warehouse.rglob("*.parquet"))
