"""A person is forgotten: everything that a search finds before is gone after it, and the reports are the oracle's without them."""

import json
from dataclasses import dataclass

import pytest

from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId
from contracts.restatements import Why
from sealing import unseal
from spark_jobs.archive import current_snapshot
from spark_jobs.maintain_archive.batches import mismatches, read_batches
from spark_jobs.maintain_archive.files import archived_files
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message
from tests.spark_jobs.forgetting import HERS, SECRETS, Forgetting, at, file_errors, fill, forget, forgetting, traffic
from tests.spark_jobs.jobs import TopicShop


@dataclass
class Gone:
    """`before` is what a search found before she went."""

    jobs: Forgetting
    shop: TopicShop
    before: str
    id_: str


@pytest.fixture(scope="module")
def gone(spark, mongo, kafka_broker):
    with forgetting(spark, mongo, kafka_broker) as jobs:
        shop, before = fill(jobs), jobs.search()
        id_ = jobs.erase(shop, PersonId(IdKind.USER, "user-anna"), with_export=True)
        forget(jobs, id_)
        yield Gone(jobs, shop, before, id_)


def test_a_person_is_gone_and_the_reports_are_those_without_them(gone):
    jobs, after = gone.jobs, gone.jobs.search()
    assert all(id_ in gone.before for id_ in HERS)
    assert not [one for one in HERS if one in after]
    assert "order-bert" in after
    assert_reports_are_right(gone.shop)
    assert jobs.erasures.find_one({"_id": gone.id_})["found"]["archive"] == 6
    batches = read_batches(jobs.database)
    assert mismatches(archived_files(jobs.spark, current_snapshot(jobs.spark)), batches.rows) == []
    assert_export_is_whole(jobs, gone.id_)
    changes = list(jobs.database[Collection.RESTATEMENTS].find({"merchant": gone.shop.merchant}))
    assert Why.FORGOTTEN in {one["why"] for one in changes}


def assert_export_is_whole(jobs, id_):
    pieces = jobs.database[Collection.EXPORTS].find({"erasure": id_}).sort("number", 1)
    texts = [unseal(bytes(one["sealed"]), SECRETS["e1"], f"export/{id_}/{one['number']}") for one in pieces]
    found = json.loads(b"".join(texts))
    assert len(found["messages"]) == 6 and len(found["orders"]) == 1 and len(found["errors"]) == 1
    assert all(one in json.dumps(found) for one in HERS)


def test_they_are_kept_out_of_what_comes_later_and_of_replays(gone):
    jobs, shop = gone.jobs, gone.shop
    hers, _ = traffic()
    arrivals = list(shop.arrivals)
    shop.send([*hers, message(None, at(9), "bert")])
    shop.arrivals = [*arrivals, shop.arrivals[-1]]
    number = jobs.batch()
    jobs.run(number)
    jobs.run(1)
    jobs.days()
    file_errors(jobs)
    assert not [one for one in HERS if one in jobs.search()]
    assert_reports_are_right(shop)
    assert jobs.database[Collection.BATCHES].find_one({"_id": number})["counts"]["forgotten"] == len(hers)
