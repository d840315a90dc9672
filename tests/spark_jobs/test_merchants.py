"""Merchants as jobs read them."""

import pytest

from contracts import zones
from contracts.names import Collection
from spark_jobs import merchants
from spark_jobs.merchants import merchants_in, merchants_table, read_merchants
from spark_jobs.rules.orders import Terms
from tests.spark_jobs.samples import envelope, message_rows, shop

AMBER = {"_id": "amber", "time_zone": "Europe/Berlin", "currency": "EUR"}
OPEN = {
    "_id": "open",
    "time_zone": "Asia/Kolkata",
    "currency": "INR",
    "settings_version": 3,
    "prices_include_tax": True,
    "page_keys_may_change_orders": True,
    "retention_days": 400,
}


@pytest.fixture
def shops(database):
    database[Collection.MERCHANTS].insert_many([AMBER, OPEN])
    return database


def test_what_a_document_leaves_out_has_a_default(shops):
    found = read_merchants(shops)
    assert found["amber"] == shop()
    assert found["open"] == shop(
        "open",
        time_zone="Asia/Kolkata",
        currency="INR",
        settings_version=3,
        prices_include_tax=True,
        page_keys_may_change_orders=True,
        retention_days=400,
    )
    assert found["open"].terms == Terms("INR", prices_include_tax=True)


def test_only_those_that_were_asked_for_and_exist(shops):
    assert list(read_merchants(shops, ["open", "nobody", "open"])) == ["open"]
    assert read_merchants(shops, []) == {}


def test_of_many_merchants_those_that_the_messages_name(shops, spark, monkeypatch):
    monkeypatch.setattr(merchants, "FEW_MERCHANTS", 1)
    messages = message_rows(spark, [envelope(merchant="open"), b"tea", None, envelope(merchant="nobody")])
    assert list(merchants_in(shops, messages)) == ["open"]


def test_of_few_all(shops, spark):
    assert set(merchants_in(shops, message_rows(spark, [b"tea"]))) == {"amber", "open"}


def test_the_table_that_messages_are_joined_with(spark):
    [row] = merchants_table(spark, [shop(currency="JPY", retention_days=30)]).toArrow().to_pylist()
    table = row.pop("transitions")
    assert [(span["since"], span["offset"]) for span in table] == list(zones.transitions("Europe/Berlin"))
    assert row == {
        "merchant": "amber",
        "edition": "amber",
        "currency": "JPY",
        "exponent": 0,
        "prices_include_tax": False,
        "page_keys_may_change_orders": False,
        "retention_days": 30,
        "settings_version": 1,
    }
