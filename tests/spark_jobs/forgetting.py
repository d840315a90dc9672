"""A shop with a person who is to be forgotten, and rounds of forget_people as its DAG runs them."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from confluent_kafka import Consumer, TopicPartition

from contracts.erasures import ErasureState, erased_ids, new_erasure
from contracts.names import Collection, DagId, Topic
from contracts.person_ids import id_key
from contracts.settings import Settings
from footfall_airflow.floods import Room
from footfall_airflow.forgetting import kept_out, plan_erasures
from footfall_airflow.ledger import Ledger
from footfall_airflow.reprocessing import reprocess
from footfall_airflow.sending import Sender
from spark_jobs.archive import current_snapshot, read_at
from spark_jobs.attempts import Attempt
from spark_jobs.forget_people.job import work
from spark_jobs.ledger import take
from stack.database import prepare_database
from tests.road.shops import message
from tests.spark_jobs.jobs import Jobs, ends, jobs_on

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
SECRETS = {"e1": b"3c" * 10}
HERS = ("anna-phone", "anna-laptop", "user-anna", "order-anna")


class Forgetting(Jobs):
    def erase(self, shop, *ids, **more):
        hashes = erased_ids(id_key(SECRETS["e1"], shop.merchant), ids, is_named=True)
        id_ = f"{shop.merchant}/{len(list(self.erasures.find())):012x}"
        self.erasures.insert_one(
            dict(new_erasure(id_, shop.merchant, "e1", hashes, "anna@example.com", datetime.now(UTC), **more))
        )
        return id_

    @property
    def erasures(self):
        return self.database[Collection.ERASURES]

    def round(self):
        """As the DAG runs it, without the backups."""
        run, ledger = (
            f"forget-{self.database[Collection.BATCHES].count_documents({})}",
            Ledger(self.database, DagId.FORGET_PEOPLE, 60),
        )
        self.database[Collection.COUNTERS].update_one({"_id": "batches"}, {"$max": {"value": self.last}}, upsert=True)
        key = plan_erasures(ledger, self.database, run)["_id"]
        attempt = Attempt(self.spark, self.database, self.settings, take(self.database, key, run))
        attempt.entry.note_reported(work(attempt).touched, 1.0)
        ledger.commit(key, datetime.now(UTC))
        ledger.announce(key, datetime.now(UTC))
        return self

    def state(self, id_):
        return self.erasures.find_one({"_id": id_})["state"]

    def search(self):
        """Every document and every row of the archive as text, decoded."""
        names = [name for name in self.database.list_collection_names() if name != Collection.EXPORTS]
        texts = [str(list(self.database[name].find())) for name in names]
        rows = read_at(self.spark, current_snapshot(self.spark)).toArrow().to_pylist()
        return "\n".join([*texts, str(rows)])


@contextmanager
def forgetting(spark, mongo, bootstrap):
    settings = Settings(kafka_bootstrap=bootstrap, erasure_secrets=f"e1:{SECRETS['e1'].hex()}")
    with jobs_on(spark, mongo, settings, Forgetting) as jobs:
        prepare_database(jobs.database)
        jobs.errors_from = ends(jobs.settings, Topic.ERRORS)
        yield jobs


def at(minute):
    return NOON + timedelta(minutes=minute)


def by(user, one):
    return one | {"userId": user}


def traffic():
    """(hers, others'): browsing before she signs in, orders on two browsers, a refund by the shop's server, a bad message."""
    hers = [
        message(None, at(0), "anna-phone"),
        by("user-anna", message("Product Viewed", at(1), "anna-phone", product_id="p1", price="2.50")),
        by("user-anna", message("Order Completed", at(2), "anna-laptop", order_id="order-anna", revenue="12.50")),
        message("Order Refunded", at(70), None, order_id="order-anna", revenue="2.50"),
        by("user-anna", message("Order Completed", at(3), "anna-laptop", order_id="order-anna-2", revenue="a lot")),
        message(None, at(1500), "anna-laptop"),
    ]
    others = [
        message(None, at(0), "bert"),
        message("Product Viewed", at(1), "bert", product_id="p1", price="2.50"),
        message("Order Completed", at(5), "bert", order_id="order-bert", revenue="7"),
        message(None, at(1600), "cleo"),
    ]
    return hers, others


def fill(jobs):
    """A shop with her and others, in two batches; answers it with what is to be expected without her."""
    shop, (hers, others) = jobs.shop(), traffic()
    shop.send([*hers[:3], *others[:2]])
    jobs.batch()
    shop.send([*hers[3:], *others[2:]])
    jobs.batch()
    jobs.days()
    file_errors(jobs)
    known = {one["messageId"] for one in others}
    shop.arrivals = [one for one in shop.arrivals if one.message["messageId"] in known]
    return shop


def file_errors(jobs):
    """What the errors topic got since these jobs began, as reprocess_errors does it."""
    consumer = Consumer({"bootstrap.servers": jobs.settings.kafka_bootstrap, "group.id": "tests"})
    until = ends(jobs.settings, Topic.ERRORS)
    places = [TopicPartition(Topic.ERRORS, int(number), jobs.errors_from.get(number, 0)) for number in until]
    consumer.assign(places)
    missing, found = sum(until.values()) - sum(place.offset for place in places), []
    while len(found) < missing:
        found += consumer.consume(missing - len(found), timeout=1)
    consumer.close()
    sender, room = Sender(jobs.settings.kafka_bootstrap, 20), Room(jobs.database, 1_000)
    reprocess(
        jobs.database, sender, found, "errors", room, datetime.now(UTC), partial(kept_out, jobs.database, jobs.settings)
    )


def forget(jobs, id_):
    """Until rows and documents are gone."""
    for _ in range(3):
        if jobs.state(id_) == ErasureState.ERASED:
            break
        jobs.round()
    assert jobs.state(id_) == ErasureState.ERASED
    jobs.days()
