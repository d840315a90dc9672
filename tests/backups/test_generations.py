"""Generations: whole states of the main database, made by work in proportion to what changed."""

import pytest
from bson import Int64, Timestamp
from bson.raw_bson import RawBSONDocument

from backups.copying import CollectionCopy
from backups.generations import begin, copy, refresh
from backups.problems import BackupProblem, BusyBackup, Superseded
from backups.proving import prove
from backups.reading import documents_of
from backups.source import Snapshot, SourceCollection
from backups.store import Store
from contracts.backups import BUCKETS, BackupLine, BackupState
from tests.backups.conftest import SHRINK, report
from tests.backups.contents import content, content_of_main


def test_a_generation_is_the_main_database_byte_for_byte(filled, store, night):
    generation = night()
    assert generation["state"] == BackupState.WHOLE
    assert content(store, generation["_id"]) == content_of_main(filled)
    assert (generation["documents"], generation["written"]) == (622, 622)


def test_nothing_changed_is_no_work(filled, night):
    night()
    second = night()
    assert (second["read"], second["written"], second["documents"]) == (0, 0, 622)


def test_work_is_in_proportion_to_what_changed(filled, store, night):
    first = night()
    filled.reports.update_many({"day": "2026-11-03"}, {"$set": {"hours.x": 1}})
    filled.reports.delete_many({"merchant": "shop-3", "day": {"$lt": "2026-11-03"}})
    filled.reports.insert_one(report("shop-3", 77))
    # changed and back again: read, and nothing to write
    filled.users.update_one({}, {"$set": {"x": 1}})
    filled.users.update_one({}, {"$unset": {"x": 1}})
    before = content(store, first["_id"])
    second = night()
    assert second["read"] == 20 + 1 + 1
    assert second["written"] == 2 * 20 + 2 + 1, "a changed document is an old row that ends and a new one"
    assert content(store, second["_id"]) == content_of_main(filled)
    assert content(store, first["_id"]) == before, "the generation before stays as it was"


def test_writes_after_the_instant_are_of_the_next_generation(filled, store, main):
    number = begin(store, main, "run")
    expected = content_of_main(main)
    main.reports.delete_many({"merchant": "shop-1"})
    main.reports.update_many({}, {"$set": {"changed": True}})
    main.orders.insert_one({"_id": "late"})
    copy(store, main, number, "run")
    assert content(store, number) == expected


def test_a_collection_made_anew_is_compared_whole(filled, store, night):
    night()
    kept = list(filled.reports.find({"merchant": {"$ne": "shop-1"}}))
    filled.reports.drop()
    filled.reports.insert_many(kept)
    filled.counters.drop()
    second = night()
    assert second["written"] == 30 + 1, "only what is gone"
    assert content(store, second["_id"]) == content_of_main(filled)


def test_a_log_that_does_not_reach_back_costs_reads_and_no_writes(filled, store, night):
    store.note(night()["_id"], snapshot=Timestamp(1_000_000, 1))
    filled.reports.delete_one({"merchant": "shop-1"})
    second = night()
    assert (second["read"], second["written"]) == (621, 1)
    assert content(store, second["_id"]) == content_of_main(filled)


def test_an_order_of_fields_or_a_type_is_a_change(filled, store, night):
    night()
    filled.counters.update_one({}, {"$set": {"value": 41}})
    assert night()["written"] == 0 + 2, "int64 became int32"
    filled.counters.replace_one({}, {"value": Int64(41), "x": 1})
    filled.counters.replace_one({}, {"x": 1, "value": Int64(41)})
    generation = night()
    assert content(store, generation["_id"]) == content_of_main(filled)


def test_ids_of_any_type(main, store, night):
    ids = [1, Int64(2), 2.5, "a", b"b", {"a": 1, "b": 2}, None, True]
    main.odd.insert_many([{"_id": id_} for id_ in ids])
    night()
    main.odd.delete_one({"_id": {"a": 1, "b": 2}})
    main.odd.update_one({"_id": 2.5}, {"$set": {"x": 1}})
    assert content(store, night()["_id"]) == content_of_main(main)


def test_two_runs_are_not_at_it_together_and_the_later_attempt_of_one_wins(filled, store, main):
    number = begin(store, main, "run-1")
    with pytest.raises(BusyBackup, match="run-1"):
        begin(store, main, "run-2")
    old = store.take("run-1")
    store.take("run-1")
    with pytest.raises(Superseded):
        store.fenced(old, {"generations": []})
    copy(store, main, number, "run-1")


def copied_by_half(store, main, number):
    """What an attempt leaves that dies after the rows of one collection."""
    generation = store.generation(number)
    reports = next(SourceCollection(**one) for one in generation["sources"] if one["name"] == "reports")
    snapshot = Snapshot(main, generation["snapshot"])
    CollectionCopy(store, snapshot, generation["token"], number, reports).copy(None)
    assert store.database["rows.reports"].count_documents({"from": number}) == 600


def test_an_attempt_that_died_is_taken_up_at_the_same_instant(filled, store, main):
    number = begin(store, main, "run")
    expected = content_of_main(main)
    copied_by_half(store, main, number)
    main.reports.update_many({}, {"$set": {"x": 1}})
    copy(store, main, number, "run")
    assert content(store, number) == expected
    assert prove(store, main, number, "run", SHRINK)["state"] == BackupState.WHOLE
    assert store.database["rows.reports"].count_documents({}) == 600


def test_an_instant_that_the_database_no_longer_has_is_replaced(filled, store, main):
    number = begin(store, main, "run")
    copied_by_half(store, main, number)
    store.note(number, snapshot=Timestamp(1_000_000, 1))
    main.reports.update_many({}, {"$set": {"x": 1}})
    copy(store, main, number, "run")
    assert content(store, number) == content_of_main(main)
    assert prove(store, main, number, "run", SHRINK)["state"] == BackupState.WHOLE


def test_the_next_one_clears_away_what_was_never_finished(filled, store, main, night):
    first = night()
    filled.reports.update_many({}, {"$set": {"x": 1}})
    left = begin(store, main, "left")
    copied_by_half(store, main, left)
    assert len(content(store, first["_id"])["reports"]) == 600
    store.release(store.take("left"))
    second = night()
    with pytest.raises(BackupProblem, match="no generation"):
        store.generation(left)
    assert content(store, second["_id"]) == content_of_main(filled)
    rows = store.database["rows.reports"]
    assert rows.count_documents({}) == 1_200, "each version once, and none of the one that was left"


def test_decisions_are_a_line_of_their_own_and_a_look_without_changes_makes_no_generation(filled, store, main):
    decisions = Store(store.database.client, BackupLine.DECISIONS, main.name)

    def look(run):
        if refresh(decisions, main):
            return None
        number = begin(decisions, main, run)
        copy(decisions, main, number, run)
        return prove(decisions, main, number, run, shrink=1.0)

    first = look("one")
    assert first["documents"] == 21 and set(content(decisions, 1)) == {"merchants", "users"}
    assert look("two") is None
    filled.reports.delete_many({})
    assert look("three") is None
    assert decisions.generation(1)["confirmed_at"] >= first["taken_at"]
    filled.users.update_one({}, {"$set": {"name": "Anna"}})
    assert look("four")["written"] == 2
    assert store.database.list_collection_names() == []


def test_buckets_are_a_power_of_two_and_spread(filled, store, night):
    number = night()["_id"]
    found = store.manifests(number)["reports"]["changed"]
    assert BUCKETS & (BUCKETS - 1) == 0 and len(found) > 500
    assert isinstance(next(iter(documents_of(store, number, "reports"))), RawBSONDocument)
