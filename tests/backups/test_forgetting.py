"""A forgotten person is in no generation and no dump any more; all that is left is proven as before."""

import gzip
from datetime import UTC, datetime
from itertools import count

import bson
import pytest
from pymongo.errors import PyMongoError

from backups import forgetting
from backups.dumps import forget_in_dumps, write_dump
from backups.forgetting import forget
from backups.generations import begin, copy
from backups.problems import BusyBackup, Superseded
from backups.restoring import restore
from backups.rotating import rotate
from backups.scratch import scratch_database
from backups.sums import bucket_of
from backups.verifying import of_itself
from contracts.backups import ROWS
from contracts.erasures import FORGOTTEN_VALUE, erased_ids, forgotten_of
from contracts.person_ids import IdKind, PersonId, id_key
from contracts.set_aside import Record, chunks_of, records_of
from contracts.settings import Settings
from tests.backups.contents import content, content_of_main

SECRETS = {"e1": b"1" * 16}
ANNA = PersonId(IdKind.ANONYMOUS, "anna")
FORGOTTEN = forgotten_of(
    [{"merchant": "shop-1", "key": "e1", "ids": erased_ids(id_key(SECRETS["e1"], "shop-1"), [ANNA], is_named=True)}],
    SECRETS,
)
AT = datetime(2026, 11, 24, tzinfo=UTC)


def order(number, visitor, total=5):
    events = [{"anonymous_id": visitor, "user_id": None, "event_time": AT, "total": bson.Int64(total)}]
    return {"_id": f"shop-1/o/{number}", "merchant": "shop-1", "order_id": str(number), "events": events}


def envelope(visitor):
    return f'{{"v": 1, "merchant": "shop-1", "message": "{{\\"anonymousId\\": \\"{visitor}\\"}}"}}'.encode()


def chunk(*visitors):
    records = [Record(0, place, 5, envelope(visitor)) for place, visitor in enumerate(visitors)]
    [made] = chunks_of(records)
    return {"_id": "7/0", "batch": 7, "number": 0, "sha256": made.sha256, "body": bson.Binary(made.body)}


@pytest.fixture
def nights(filled, store, night):
    """Three generations: a person who comes, whose order changes, beside others who come and go."""
    filled.orders.insert_many([order(1, "anna"), *(order(number, f"v-{number}") for number in range(2, 40))])
    filled.set_aside.insert_one(chunk("anna", "bert"))
    first = night()
    filled.orders.replace_one({"_id": "shop-1/o/1"}, order(1, "anna", total=7))
    filled.orders.delete_many({"_id": {"$in": ["shop-1/o/2", "shop-1/o/3"]}})
    second = night()
    filled.orders.insert_one(order(99, "anna"))
    third = night()
    return [one["_id"] for one in (first, second, third)]


def expected(known):
    """The same without her, as `content` says it."""
    orders = {id_: raw for id_, raw in known["orders"].items() if b"anna" not in raw}
    copy_ = bson.decode(known["set_aside"]["7/0"])
    records = [
        Record(one.partition, one.offset, one.time_ms, FORGOTTEN_VALUE if b"anna" in one.value else one.value)
        for one in records_of(copy_["body"], copy_["sha256"])
    ]
    [made] = chunks_of(records)
    blank = {**copy_, "sha256": made.sha256, "body": made.body}
    return known | {"orders": orders, "set_aside": {"7/0": bson.encode(blank)}}


def is_proven(store, generation):
    return not [one for name in store.manifests(generation) for one in of_itself(store, generation, name)]


def test_every_generation_is_what_it_was_without_her(store, nights):
    known = [content(store, number) for number in nights]
    assert forget(store, FORGOTTEN, "run") == {"orders": 3, "set_aside": 1}
    for number, before in zip(nights, known, strict=True):
        assert content(store, number) == expected(before)
        assert is_proven(store, number)
        generation, manifests = store.generation(number), store.manifests(number).values()
        assert generation["documents"] == sum(one["documents"] for one in manifests)
        assert generation["bytes"] == sum(one["bytes"] for one in manifests)
    assert not [row for row in store.database[ROWS + "orders"].find() if "anna" in str(row)]


def test_again_there_is_nothing_to_do(store, nights):
    forget(store, FORGOTTEN, "run")
    known = [content(store, number) for number in nights]
    assert forget(store, FORGOTTEN, "run") == {"orders": 0, "set_aside": 0}
    assert [content(store, number) for number in nights] == known


def test_a_kill_between_two_buckets_leaves_what_is_proven(store, nights, monkeypatch):
    fenced, calls = type(store).fenced, []

    def cut_off(self, token, writes):
        if len(calls) == 2:
            raise PyMongoError("the connection is gone")
        calls.append(writes)
        fenced(self, token, writes)

    monkeypatch.setattr(type(store), "fenced", cut_off)
    with pytest.raises(PyMongoError):
        forget(store, FORGOTTEN, "run")
    assert all(is_proven(store, number) for number in nights)
    monkeypatch.undo()
    forget(store, FORGOTTEN, "run")
    assert not [row for row in store.database[ROWS + "orders"].find() if "anna" in str(row)]


def test_the_next_night_goes_on_from_there(store, filled, nights, night):
    filled.orders.delete_many({"events.anonymous_id": "anna"})
    copy_ = filled.set_aside.find_one({"_id": "7/0"})
    forget(store, FORGOTTEN, "run")
    filled.set_aside.replace_one({"_id": "7/0"}, copy_ | chunk("cleo"))
    following = night()
    assert following["state"] == "whole"
    assert content(store, following["_id"]) == content_of_main(filled)


def test_a_document_that_was_copied_anew_after_a_damage_leaves_sums_that_prove_what_is_left(store, nights, night):
    last = nights[-1]
    rows = store.database[ROWS + "set_aside"]
    row = rows.find_one({"id": "7/0"})
    rows.update_one({"_id": row["_id"]}, {"$set": {"until": bson.Int64(last)}})
    rows.insert_one({**row, "_id": bson.ObjectId(), "from": bson.Int64(last)})
    left = [last, night()["_id"]]
    assert rotate(store) == nights[:-1]
    forget(store, FORGOTTEN, "run")
    assert all(is_proven(store, number) for number in left)


def test_what_was_damaged_before_is_found_damaged_afterwards(store, filled, night):
    hers = order(1, "anna")
    beside = next(number for number in count(2) if bucket_of(f"shop-1/o/{number}") == bucket_of(hers["_id"]))
    filled.orders.insert_many([hers, order(beside, "bert")])
    number = night()["_id"]
    store.database[ROWS + "orders"].delete_one({"id": f"shop-1/o/{beside}"})
    assert not is_proven(store, number)
    forget(store, FORGOTTEN, "run")
    assert not is_proven(store, number)


def test_an_older_generation_is_restored_without_her(store, nights, empty):
    forget(store, FORGOTTEN, "run")
    restore(store, nights[0], empty, lambda *_: None)
    assert empty.orders.count_documents({}) == 38
    assert not [one for one in empty.orders.find() if "anna" in str(one)]


def test_it_waits_for_a_night_that_is_at_work(store, filled, nights):
    number = begin(store, filled, "night")
    with pytest.raises(BusyBackup):
        forget(store, FORGOTTEN, "run")
    copy(store, filled, number, "night")
    store.database.holders.update_one({"_id": "writer"}, {"$set": {"expires_at": AT}})
    with pytest.raises(BusyBackup, match="proven"):
        forget(store, FORGOTTEN, "run")


def test_dumps_are_written_anew_where_she_is_in_them(store, nights, tmp_path):
    paths = [write_dump(store, store.generation(number), tmp_path, "main") for number in nights]
    others = {path: (path / "main" / "reports.bson.gz").read_bytes() for path in paths}
    assert forget_in_dumps(tmp_path, FORGOTTEN) == 7
    for path in paths:
        orders = bson.decode_all(gzip.decompress((path / "main" / "orders.bson.gz").read_bytes()))
        assert len(orders) >= 36 and not [one for one in orders if "anna" in str(one)]
        [left] = bson.decode_all(gzip.decompress((path / "main" / "set_aside.bson.gz").read_bytes()))
        assert [one.value for one in records_of(left["body"], left["sha256"])] == [FORGOTTEN_VALUE, envelope("bert")]
        assert (path / "main" / "reports.bson.gz").read_bytes() == others[path]
    assert forget_in_dumps(tmp_path, FORGOTTEN) == 0


def test_a_dump_that_is_being_written_is_waited_for(tmp_path):
    (tmp_path / "2026-11-29T020000Z-g41.part").mkdir()
    with pytest.raises(BusyBackup):
        forget_in_dumps(tmp_path, FORGOTTEN)


def test_rows_of_shops_are_found_by_their_index(store, nights):
    for name, index in (("orders", "of_merchant"), ("set_aside", None)):
        query = forgetting._Collection(store, "", name)._query(FORGOTTEN)
        plan = store.database[ROWS + name].find(query).explain()["queryPlanner"]["winningPlan"]
        assert plan.get("inputStage", {}).get("indexName") == index


@pytest.fixture
def erased(main, store, mongo, backup_mongo, tmp_path):
    """Clears the backups of one erasure; answers for how many that was done, and what is cleared."""
    settings = Settings(
        mongo_uri=mongo, backup_mongo_uri=backup_mongo, database=main.name, dump_folder=str(tmp_path), erasure_secrets="e1:" + "31" * 16
    )  # fmt: skip
    main.erasures.insert_one({"_id": "shop-1/1", "merchant": "shop-1", "key": "e1", "ids": [], "state": "erased"})

    def clear():
        from footfall_airflow.forgetting import clear_backups

        count = clear_backups(main, settings, "run", AT)
        return count, set(main.erasures.find_one().get("cleared", {}))

    return clear


def test_a_rehearsal_that_is_at_work_is_waited_for_and_a_killed_one_leaves_nothing(store, nights, erased):
    left = store.database.client[f"{store.database.name}_rehearsal_0123abcd"]
    left.orders.insert_one(order(1, "anna"))
    with scratch_database(store):
        assert erased() == (0, set())
    assert erased() == (1, {"backups", "dumps"})
    assert left.name not in store.database.client.list_database_names()


def test_one_that_was_taken_over_is_done_by_a_later_round(nights, erased, monkeypatch):
    def taken_over(*_):
        raise Superseded("Another attempt has taken over the backup.")

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "forget", taken_over)
        assert erased() == (0, set())
    assert erased() == (1, {"backups", "dumps"})
