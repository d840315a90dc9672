"""What stands together in rows and orders; ids that everybody sends who has none lead nowhere, and no more is collected than is kept."""

import pytest

from contracts.person_ids import OF_PERSONS, IdKind, PersonId, hashed, id_key
from spark_jobs.forget_people import finding
from spark_jobs.forget_people.finding import Linked, triples_of
from tests.spark_jobs.samples import archive_rows, archived

KEY = id_key(b"1" * 16, "amber")


def hash_of(kind, value):
    return hashed(KEY, PersonId(kind, value))


@pytest.mark.parametrize("nobody", ["null", "Undefined", " 0 ", "x" * 513])
def test_what_stands_for_no_id_is_nobody(spark, nobody):
    rows = [
        archived("hers", anonymous_id="phone", user_id=nobody),
        archived("another", anonymous_id=nobody, user_id="bert"),
        archived("an order", anonymous_id=nobody, user_id=nobody, order={"order_id": nobody}),
    ]
    found = triples_of(spark, archive_rows(spark, rows), KEY).toArrow().to_pylist()
    assert {tuple(row.values()) for row in found} == {
        (hash_of(IdKind.ANONYMOUS, "phone"), None, None),
        (None, hash_of(IdKind.USER, "bert"), None),
        (None, None, None),
    }


A, U, ORDER = OF_PERSONS


@pytest.fixture
def linked(spark, database):
    """Browsers of a user in rows and in an order whose rows have gone; one is another's, too."""
    rows = [
        archived("1", anonymous_id="phone", user_id="anna"),
        archived("2", anonymous_id="kiosk", user_id="anna", order={"order_id": "1001"}),
        archived("3", anonymous_id="kiosk", user_id="bert"),
        archived("4", anonymous_id="phone"),
        archived("5", anonymous_id="tablet", user_id="cleo", order={"order_id": "1003"}),
    ]
    events = [{"anonymous_id": "laptop", "user_id": "anna"}, {"anonymous_id": "laptop", "user_id": "dora"}]
    database.orders.insert_one({"_id": "o", "merchant": "amber", "order_id": "1002", "events": events})
    return Linked(spark, database, "amber", KEY, triples_of(spark, archive_rows(spark, rows), KEY))


def hashes(kind, *values):
    return frozenset(hash_of(kind, one) for one in values)


def test_rows_and_orders_say_what_belongs_together(linked):
    assert linked.to(A, {U: hashes(U, "anna")}) == hashes(A, "phone", "kiosk", "laptop")
    assert linked.to(U, {ORDER: hashes(ORDER, "1001", "1002")}) == hashes(U, "anna", "dora")
    assert linked.to(ORDER, {A: hashes(A, "laptop", "phone"), U: hashes(U, "cleo")}) == hashes(ORDER, "1002", "1003")
    browsers = hashes(A, "phone", "kiosk", "laptop")
    assert linked.used_by_others(browsers, hashes(U, "anna")) == hashes(A, "kiosk", "laptop")
    assert linked.used_by_others(browsers, hashes(U, "anna", "bert", "dora")) == frozenset()


@pytest.mark.parametrize("kind", [IdKind.ANONYMOUS, IdKind.ORDER])
def test_no_more_is_collected_than_is_kept(linked, monkeypatch, kind):
    monkeypatch.setattr(finding, "MOST_IDS", 1)
    assert len(finding._distinct(linked.archived, A)) == 2
    everybody = {U: hashes(U, "anna", "bert", "cleo")}
    assert len(linked.to(kind, everybody)) == 2
