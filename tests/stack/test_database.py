"""One function makes the database's indexes and validators, and may be called at every start."""

import pytest
from pymongo.errors import DuplicateKeyError, WriteError

from contracts.names import Collection
from stack.database import INDEXES, prepare_database
from tests.databases import own_database


@pytest.fixture
def database(mongo):
    with own_database(mongo, "stack") as database:
        prepare_database(database)
        yield database


def entry(**fields):
    return {"dag": "process_events", "state": "planned", "run": "r", "topic": "t", "previous": 0} | fields


def test_every_collection_exists_with_its_indexes(database):
    assert set(database.list_collection_names()) == {str(name) for name in Collection}
    for name, indexes in INDEXES.items():
        assert len(database[name].index_information()) == len(indexes) + 1


def test_a_second_call_changes_nothing(database):
    before = {name: database[name].index_information() for name in Collection}
    prepare_database(database)
    assert {name: database[name].index_information() for name in Collection} == before


def test_two_batches_cannot_follow_the_same_one(database):
    batches = database[Collection.BATCHES]
    batches.insert_one({"_id": 1} | entry())
    with pytest.raises(DuplicateKeyError):
        batches.insert_one({"_id": 2} | entry())
    batches.insert_one({"_id": 2} | entry(previous=1))


def test_rounds_of_day_reports_have_no_topic_and_are_not_held_to_it(database):
    round_ = {"dag": "build_day_reports", "state": "planned", "run": "r"}
    database[Collection.BATCHES].insert_many([{"_id": "days-1"} | round_, {"_id": "days-2"} | round_])


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        (Collection.BATCHES, entry(state="done")),
        (Collection.MERCHANTS, {"_id": "m", "name": "M", "time_zone": "UTC", "currency": "Euro"}),
        (Collection.REPORTS, {"merchant": "m", "family": "trafic", "day": "2026-11-25"}),
        (Collection.DUE_SCOPES, {"merchant": "m", "group": "hour", "scope": "x", "sequence": 1}),
    ],
)
def test_a_document_that_no_reader_could_use_is_refused(database, collection, document):
    with pytest.raises(WriteError, match="failed validation"):
        database[collection].insert_one(document)
