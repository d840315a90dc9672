"""A generation read in its rows answers what the database answered."""

import pytest

from backups.decisions import copy_decisions
from backups.generations import begin, copy
from backups.rotating import rotate
from backups.standing_in import GenerationGone, ReadOnly, in_rows, stand_in
from backups.store import Store
from contracts.backups import BackupLine, BackupState
from contracts.names import Collection
from tests.backups.conftest import SHRINK, report

MINE = {"merchant": "shop-1"}


@pytest.fixture
def decisions(store):
    return Store(store.database.client, BackupLine.DECISIONS, store.database.name)


@pytest.fixture
def looked(store):
    """The stand-in that there is now."""
    return lambda before=None: stand_in(store.database.client, store.database.name, before)


def described(database):
    """Reads of every form that pages use."""
    reports = database[Collection.REPORTS]
    return [
        list(reports.find({"_id": {"$in": [f"shop-1/1/sales/{day}" for day in range(5)]}}, sort=[("_id", 1)])),
        list(reports.find(MINE | {"day": {"$gte": "2026-11-20"}}, {"day": 1}).sort("day", -1).limit(3)),
        list(reports.find(MINE, {"hours": 0}).sort([("at", 1), ("_id", 1)])),
        reports.find_one({"_id": {"$gte": "shop-1/", "$lt": "shop-1/:"}}, sort=[("_id", 1)]),
        reports.find_one({"merchant": "shop-2", "none": None}, {"merchant": 1}, sort=[("_id", -1)]),
        reports.find_one({"_id": "nobody"}),
        reports.count_documents({"$or": [{"merchant": "shop-3"}, {"_id": "shop-4/1/sales/1"}]}),
        list(reports.aggregate([{"$match": MINE}, {"$group": {"_id": "$merchant", "count": {"$sum": 1}}}])),
        reports.find_one({"day": "2026-11-03", "merchant": {"$in": ["shop-7"]}}),
        list(database["nothing"].find()),
    ]


def test_the_same_questions_have_the_same_answers(filled, night, looked):
    night()
    found = looked()
    assert described(found) == described(filled)
    assert described(found) == described(filled), "what is remembered is no other"
    assert found.taken_at == found.nightly.store.generation(found.nightly.number)["taken_at"]


def test_what_came_after_the_night_is_not_in_it(filled, night, looked):
    night()
    before = described(filled)
    filled.reports.update_many({}, {"$set": {"day": "later"}})
    filled.reports.delete_many({"merchant": "shop-1"})
    filled.reports.insert_one(report("shop-1", 99))
    assert described(looked()) == before


def test_there_is_none_before_the_first_proven_one(filled, store, night, looked):
    assert looked() is None
    number = begin(store, filled, "unfinished")
    assert looked() is None
    copy(store, filled, number, "unfinished")
    assert looked() is None, "copied, and not proven"


def test_what_is_not_proven_is_never_read(filled, store, night, looked):
    first = night()["_id"]
    filled.reports.delete_many(MINE)
    second = night(shrink=1.0)["_id"]
    for state in set(BackupState) - {BackupState.WHOLE}:
        store.note(second, state=state)
        found = looked()
        assert found.nightly.number == first
        assert found[Collection.REPORTS].count_documents(MINE) == 30


def test_a_copy_that_is_under_way_changes_nothing(filled, store, night, looked):
    night()
    found, before = looked(), described(filled)
    filled.reports.delete_many(MINE)
    number = begin(store, filled, "under way")
    copy(store, filled, number, "under way")
    assert described(found) == before
    assert looked(found).nightly is found.nightly


def test_what_people_made_is_as_new_as_there_is(filled, night, decisions, looked):
    night()
    filled.users.update_one({"_id": "anna@example.com"}, {"$set": {"merchants": ["shop-1", "shop-2"]}})
    filled.reports.delete_many(MINE)
    copy_decisions(decisions, filled, "minutes", SHRINK)
    found = looked()
    assert found[Collection.USERS].find_one({"_id": "anna@example.com"})["merchants"] == ["shop-1", "shop-2"]
    assert found[Collection.REPORTS].count_documents(MINE) == 30
    night(shrink=1.0)
    assert looked(found).decisions is None, "the night is the newer one"


def test_a_shop_whose_settings_were_switched_since_is_read_with_those_of_its_reports(filled, night, decisions, looked):
    night()
    switched = {"settings_version": 2, "time_zone": "Asia/Tokyo", "name": "New name", "next": {"settings_version": 3}}
    filled.merchants.update_one({"_id": "shop-1"}, {"$set": switched})
    filled.merchants.insert_one({"_id": "newcomer", "time_zone": "Asia/Tokyo", "settings_version": 2})
    copy_decisions(decisions, filled, "minutes", SHRINK)
    shops = looked()[Collection.MERCHANTS]
    assert shops.find_one({"_id": "shop-1"}) == {"_id": "shop-1", "name": "New name", "time_zone": "UTC"}
    assert shops.find_one({"_id": "newcomer"})["settings_version"] == 2


def test_a_generation_that_goes_while_it_is_read_answers_no_more(filled, store, night, looked):
    night()
    found = looked()
    for day in range(3):
        filled.reports.update_many(MINE, {"$set": {"turn": day}})
        night()
        rotate(store)
        if day == 0:
            assert found[Collection.REPORTS].count_documents(MINE) == 30, "the last but one is kept for its readers"
    with pytest.raises(GenerationGone):
        list(found[Collection.REPORTS].find(MINE))
    assert looked(found)[Collection.REPORTS].find_one(MINE)["turn"] == 2


WRITES = (
    lambda database: database[Collection.USERS].insert_one({"_id": "x"}),
    lambda database: database[Collection.USERS].update_one({"_id": "x"}, {"$set": {"name": "y"}}),
    lambda database: database[Collection.USERS].find_one_and_update({}, {"$set": {"name": "y"}}),
    lambda database: database[Collection.USERS].bulk_write([]),
    lambda database: database[Collection.USERS].create_index("name"),
    lambda database: database.command("dropDatabase"),
)


def test_nothing_is_written_through_it(filled, night, looked):
    night()
    for write in WRITES:
        with pytest.raises(ReadOnly):
            write(looked())


def test_operators_over_whole_documents_are_refused():
    with pytest.raises(ValueError, match=r"\$expr"):
        in_rows({"$expr": {"$eq": ["$a", "$b"]}})


def test_reports_are_read_by_an_index(filled, store, night, looked):
    night()
    found = looked()
    store.database.command({"profile": 2})
    counts = [
        len(list(found[Collection.REPORTS].find(query)))
        for query in ({"_id": {"$in": ["shop-1/1/sales/1", "shop-1/1/sales/2"]}}, MINE)
    ]
    store.database.command({"profile": 0})
    reads = store.database["system.profile"].find({"command.aggregate": "rows.reports"}).sort("ts", 1)
    assert [read["docsExamined"] for read in reads] == counts == [2, 30]
