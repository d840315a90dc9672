"""What the database holds of a forgotten person goes, and nothing of anybody else; done again, it changes nothing."""

import json
from datetime import UTC, datetime

import pytest

from contracts.erasures import FORGOTTEN_VALUE, erased_ids, forgotten_of
from contracts.floods import counted_fields, unpacked, without_places
from contracts.person_ids import IdKind, PersonId, id_key
from contracts.set_aside import Record, records_of
from sealing import unseal
from spark_jobs.failures import TransientError
from spark_jobs.forget_people import documents
from spark_jobs.forget_people.documents import erase_documents, erase_failures_of, erase_places
from spark_jobs.forget_people.exporting import export
from spark_jobs.forget_people.held_orders import erase_orders, held_orders
from spark_jobs.orders import StoredOrder, order_scopes, write_orders
from spark_jobs.set_aside_copy import write_copy
from tests.spark_jobs.samples import event, shop

SECRETS = {"e1": b"1" * 16}
IDS = [PersonId(IdKind.ANONYMOUS, "anna"), PersonId(IdKind.MESSAGE, "m-anna")]
FORGOTTEN = forgotten_of(
    [{"merchant": "amber", "key": "e1", "ids": erased_ids(id_key(SECRETS["e1"], "amber"), IDS, is_named=True)}], SECRETS
)


def envelope(visitor):
    return json.dumps({"v": 1, "merchant": "amber", "message": json.dumps({"anonymousId": visitor})}).encode()


def failure(name, visitor, place=(1, 0, 0), **overrides):
    text = json.dumps({"anonymousId": visitor}).encode()
    batch, partition, offset = place
    where = {"batch": batch, "place": {"topic": "t", "partition": partition, "offset": offset}}
    known = {"_id": name, "merchant": "amber", "original": text, "envelope": envelope(visitor), "attempts": []}
    return known | where | overrides


@pytest.fixture
def filled(database):
    database.failed_events.insert_many([failure("e1", "anna"), failure("e2", "bert")])
    database.assigned_times.insert_many(
        [{"_id": name, "merchant": "amber", "message_id": name} for name in ("m-anna", "m-bert")]
    )
    records = [Record(0, n, 5, envelope(visitor)) for n, visitor in enumerate(("anna", "bert", "anna", "cleo"))]
    copy = write_copy(database, 7, records, most_bytes=100)
    database.batches.insert_one({"_id": 7, "copy": copy})
    return database


def ids(database, name):
    return sorted(one["_id"] for one in database[name].find())


def test_their_documents_go_and_others_stay(filled):
    counts = erase_documents(filled, FORGOTTEN)
    assert counts == {"failed_events": 1, "assigned_times": 1, "set_aside": 2}
    assert ids(filled, "failed_events") == ["e2"] and ids(filled, "assigned_times") == ["m-bert"]
    assert not +erase_documents(filled, FORGOTTEN)


def test_a_copy_can_be_read_as_before_and_the_ledger_knows_its_sum(filled):
    erase_documents(filled, FORGOTTEN)
    chunks = list(filled.set_aside.find({"batch": 7}).sort("number", 1))
    records = [record for chunk in chunks for record in records_of(chunk["body"], chunk["sha256"])]
    assert [record.offset for record in records] == [0, 1, 2, 3]
    assert [record.value for record in records] == [
        FORGOTTEN_VALUE,
        envelope("bert"),
        FORGOTTEN_VALUE,
        envelope("cleo"),
    ]
    copy = filled.batches.find_one({"_id": 7})["copy"]
    assert copy["messages"] == 4 and copy["bytes"] == sum(len(chunk["body"]) for chunk in chunks)


def stored(database, name, *visitors):
    """An order with an event of each visitor, an hour apart; the first one opens it."""
    known = StoredOrder(f"amber/o/{name}", "amber", name, [])
    known.events = [
        event(minute=60 * place, message_id=f"{name}/{visitor}", anonymous_id=visitor, revenue=100)
        for place, visitor in enumerate(visitors)
    ]
    known.scopes = sorted(scope.id for scope in order_scopes(known.events, shop()))
    write_orders(database, [known])
    return set(known.scopes)


def test_an_order_goes_and_one_of_several_people_counts_for_the_others(database):
    hers = stored(database, "1", "anna")
    both = stored(database, "2", "anna", "bert")
    stored(database, "3", "bert")
    orders = held_orders(database, FORGOTTEN, {"amber": shop()})
    left = order_scopes([event(minute=60, message_id="2/bert")], shop())
    assert {scope.id for scope in orders.scopes} == hers | both | {scope.id for scope in left}
    assert erase_orders(database, orders) == 2
    assert ids(database, "orders") == ["amber/o/2", "amber/o/3"]
    second = database.orders.find_one({"_id": "amber/o/2"})
    assert [one["anonymous_id"] for one in second["events"]] == ["bert"]
    assert set(second["scopes"]) == {scope.id for scope in left} and second["revision"] == 2
    assert erase_orders(database, held_orders(database, FORGOTTEN, {"amber": shop()})) == 0


def test_an_export_has_nothing_of_others_who_share_an_order(database):
    stored(database, "1", "anna")
    stored(database, "2", "anna", "bert")
    stored(database, "3", "bert")
    erasure = {"_id": "amber/1", "merchant": "amber"}
    count = export(None, database, erasure, None, FORGOTTEN, SECRETS["e1"], datetime.now(UTC))
    [piece] = database.exports.find()
    found = json.loads(unseal(bytes(piece["sealed"]), SECRETS["e1"], "export/amber/1/0"))
    assert count == 1 and "bert" not in json.dumps(found)
    visitors = {one["order_id"]: [event["anonymous_id"] for event in one["events"]] for one in found["orders"]}
    assert visitors == {"1": ["anna"], "2": ["anna"]}


def test_an_order_that_changed_meanwhile_is_read_again(database):
    stored(database, "1", "anna")
    orders = held_orders(database, FORGOTTEN, {"amber": shop()})
    database.orders.update_one({}, {"$inc": {"revision": 1}})
    with pytest.raises(TransientError):
        erase_orders(database, orders)


def test_an_error_without_bytes_is_known_by_its_place(database):
    slim = {"original": None, "envelope": None, "is_slim": True}
    database.failed_events.insert_many(
        [failure("e1", "anna", (1, 0, 5), **slim), failure("e2", "anna", (2, 0, 5), **slim)]
    )
    assert erase_failures_of(database, "amber", [[1, 0, 5], [1, 1, 5]]) == 1
    assert ids(database, "failed_events") == ["e2"]


def test_errors_that_are_counted_only_are_counted_without_them(database):
    hours = {"0": {"5": ["h1", False], "6": ["h1", True], "7": ["h2", False]}, "1": {"5": ["h2", False]}}
    for batch in (1, 2):
        known = {"_id": f"c/{batch}", "cause": "c", "merchant": "amber", "batch": batch}
        database.error_causes.insert_one(known | counted_fields(hours))
    assert erase_places(database, "amber", [[1, 0, 5], [1, 0, 6], [1, 1, 9]]) == 2
    first, second = database.error_causes.find().sort("_id", 1)
    assert unpacked(first["places"]) == {"0": {"7": ["h2", False]}, "1": {"5": ["h2", False]}}
    assert first["hours"] == [{"hour": "h2", "waiting": 2, "dropped": 0}]
    assert unpacked(second["places"]) == hours
    assert erase_places(database, "amber", [[1, 0, 5]]) == 0


@pytest.mark.parametrize("gone", [[[1, 0, 5]], [[1, 0, 5], [1, 0, 6]]])
def test_errors_that_are_counted_at_this_moment_are_read_again(database, monkeypatch, gone):
    known = {"_id": "c/1", "cause": "c", "merchant": "amber", "batch": 1}
    hours = {"0": {"5": ["h1", False], "6": ["h1", False]}}
    database.error_causes.insert_one(known | counted_fields(hours))

    def counted_meanwhile(*places):
        more = {"0": {**hours["0"], "8": ["h1", False]}}
        database.error_causes.update_one({}, {"$set": counted_fields(more)})
        return without_places(*places)

    with monkeypatch.context() as patch:
        patch.setattr(documents, "without_places", counted_meanwhile)
        with pytest.raises(TransientError):
            erase_places(database, "amber", gone)
    assert erase_places(database, "amber", gone) == len(gone)
    left = unpacked(database.error_causes.find_one()["places"])
    assert left == {"0": {place: ["h1", False] for place in ("6", "8")[len(gone) - 1 :]}}


def test_a_cause_of_which_nothing_is_left_goes(database):
    known = {"_id": "c/1", "cause": "c", "merchant": "amber", "batch": 1}
    database.error_causes.insert_one(known | counted_fields({"0": {"5": ["h1", False]}}))
    assert erase_places(database, "teas", [[1, 0, 5]]) == 0
    assert erase_places(database, "amber", [[1, 0, 5]]) == 1
    assert ids(database, "error_causes") == []
