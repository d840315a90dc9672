"""When the inbox learns of a repaired copy: not before nothing can reject it any more."""

from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer

from contracts.keys import KeyKind
from contracts.names import Collection, Topic
from spark_jobs.failures import PermanentError
from tests.road.shops import bytes_of, message

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
ORDER = message("Order Completed", NOON, "v1", order_id="poison", revenue=5)


@pytest.fixture
def shop(jobs):
    """A shop of which one repaired copy is on its way."""
    shop = jobs.shop("amber")
    sent = {"_id": "0193-a", "merchant": "amber", "status": "repairing", "attempt": 1}
    jobs.database[Collection.FAILED_EVENTS].insert_one(sent | {"attempts": [{"attempt": 1, "outcome": None}]})
    producer = Producer({"bootstrap.servers": jobs.settings.kafka_bootstrap})
    producer.produce(Topic.EVENTS, shop.envelope(bytes_of(ORDER), KeyKind.SERVER, envelope_id="0193-a/r1"))
    assert producer.flush(20) == 0
    return shop


def test_a_copy_is_repaired_when_its_orders_and_hours_are_written(jobs, shop):
    failed, orders = jobs.database[Collection.FAILED_EVENTS], jobs.database.create_collection(Collection.ORDERS)
    jobs.database.command("collMod", orders.name, validator={"order_id": {"$ne": "poison"}})
    number = jobs.plan()
    with pytest.raises(PermanentError, match="failed validation"):
        jobs.run(number)
    assert failed.find_one()["status"] == "repairing"
    jobs.database.command("collMod", orders.name, validator={})
    jobs.run(number)
    assert (failed.find_one()["status"], failed.find_one()["attempts"][0]["outcome"]) == ("repaired", "accepted")
    assert shop.books()["accepted"] == 1


def test_a_replay_notes_it_again(jobs, shop):
    failed, number = jobs.database[Collection.FAILED_EVENTS], jobs.batch()
    failed.update_one({}, {"$set": {"status": "repairing"}})
    jobs.run(number)
    assert failed.find_one()["status"] == "repaired"
