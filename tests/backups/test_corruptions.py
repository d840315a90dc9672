"""What goes wrong in a backup is found: by the night that made it, and by whoever restores it."""

from contextlib import suppress

import bson
import pytest
from bson import Int64
from bson.raw_bson import RawBSONDocument

from backups.generations import begin, copy
from backups.problems import DamagedBackup
from backups.proving import prove
from backups.restoring import restore, restore_merchant
from backups.rows import new_row
from backups.source import RAW
from backups.store import BUCKET_SUMS, MANIFESTS, undo
from contracts.backups import STILL_THERE, BackupState
from tests.backups.conftest import SHRINK
from tests.backups.contents import content, content_of_main

DAY = "2026-11-03"
"""The reports of the day change between the two nights."""
CHANGED = f"shop-4/1/sales/{int(DAY[-2:]) - 1}"


def rows(store):
    return store.database["rows.reports"]


def put(store, document, **overrides):
    """Another document in the place of the changed one, with everything that its row says of it."""
    fresh = new_row("reports", document, 0)
    said = {name: fresh[name] for name in ("hash", "size", "document")} | overrides
    rows(store).update_one({"id": CHANGED, "until": STILL_THERE}, {"$set": said})


def stale(store, number):
    """The version of the night before."""
    old = store.database.get_collection("rows.reports", codec_options=RAW).find_one({"id": CHANGED, "until": number})
    put(store, old["document"])


def stale_as_a_whole(store, number):
    """The collection is that of the night before, and every sum says so, too."""
    undo(store, "rows.reports", {}, number)
    undo(store, BUCKET_SUMS, {"collection": "reports"}, number)
    before = store.manifests(number - 1)["reports"]
    told = {name: before[name] for name in ("sum", "documents", "bytes")}
    store.database[MANIFESTS].update_one({"_id": f"{number}/reports"}, {"$set": told})


def empty(store, number):
    rows(store).delete_many({})


def truncated(store, number):
    rows(store).delete_many({"bucket": {"$gte": 40_000}})


def one_flipped_field(store, number):
    changed = rows(store).update_one({"id": CHANGED, "until": STILL_THERE}, {"$bit": {"document.flip": {"xor": 1}}})
    assert changed.modified_count == 1


def another_merchants_document(store, number):
    other = rows(store).find_one({"merchant": "shop-9", "until": STILL_THERE})["document"]
    put(store, raw(other))


def row_of_another_merchant(store, number):
    """Everything in it is true but for whose it is: a restore of that shop alone would bring it a document of another."""
    changed = rows(store).update_one({"id": CHANGED, "until": STILL_THERE}, {"$set": {"merchant": "shop-9"}})
    assert changed.modified_count == 1


def raw(document):
    return RawBSONDocument(bson.encode(document))


FIVE = (stale, empty, truncated, one_flipped_field, another_merchants_document)
NOT_SEEN_BY_SUMS_ALONE = (stale_as_a_whole, row_of_another_merchant)


@pytest.fixture
def copied(filled, store, main):
    """Copies a generation in which the reports of the day are other ones, without proving it."""
    runs = iter(range(1, 100))

    def do():
        run = f"copied-{next(runs)}"
        filled.reports.update_many({"day": DAY}, {"$inc": {"flip": Int64(2)}})
        number = begin(store, main, run)
        copy(store, main, number, run)
        store.release(store.take(run))
        return number

    return do


def test_the_night_finds_each_corruption_and_the_next_one_mends_it(filled, store, main, night, copied):
    night()
    for corrupt in (*FIVE, *NOT_SEEN_BY_SUMS_ALONE):
        number = copied()
        corrupt(store, number)
        with pytest.raises(DamagedBackup, match="reports"):
            prove(store, main, number, "proof", SHRINK)
        assert store.generation(number)["state"] == BackupState.DAMAGED, corrupt.__name__
        assert store.newest([BackupState.WHOLE])["_id"] == number - 1
        mended = night()
        assert content(store, mended["_id"]) == content_of_main(filled), corrupt.__name__


def test_a_restore_finds_each_corruption_and_changes_nothing(filled, store, main, night, copied):
    for corrupt in FIVE:
        night()
        number = copied()
        assert prove(store, main, number, "proof", SHRINK)["state"] == BackupState.WHOLE
        corrupt(store, number)
        before = content_of_main(filled)
        for restored in (restore, restore_of_shop_4):
            with pytest.raises(DamagedBackup):
                restored(store, number, main, lambda *_: None)
        assert content_of_main(filled) == before, corrupt.__name__
        filled.reports.update_many({}, {"$inc": {"night": 1}})
        # what the change does not put right by itself is found, and then written anew
        with suppress(DamagedBackup):
            night()


def test_a_restore_of_one_shop_brings_it_nothing_of_another(filled, store, main, night):
    number = night()["_id"]
    row_of_another_merchant(store, number)
    before = content_of_main(filled)
    with pytest.raises(DamagedBackup, match="of another merchant"):
        restore_merchant(store, number, "shop-9", main, lambda *_: None)
    assert content_of_main(filled) == before


def restore_of_shop_4(store, number, main, progress):
    restore_merchant(store, number, "shop-4", main, progress)


def test_a_seventh_of_what_did_not_change_is_read_again_every_night(filled, store, night):
    """What rots in a document that never changes is found within seven nights."""
    night()
    assert rows(store).update_one({"id": CHANGED}, {"$set": {"document.day": "2026-11-30"}}).modified_count == 1
    found = []
    for _ in range(7):
        try:
            night()
        except DamagedBackup as damage:
            found.append(str(damage))
            break
    assert len(found) == 1 and CHANGED in found[0]


@pytest.mark.parametrize(("kept", "why"), [(0, "empty"), (3, "fewer than the one before"), (15, None)])
def test_a_backup_that_lost_much_is_no_success(filled, store, main, night, kept, why):
    night()
    for collection in main.list_collection_names():
        if collection != "backups":
            of_others = {"merchant": {"$nin": [f"shop-{n}" for n in range(kept)]}}
            main[collection].delete_many(of_others if kept else {})
    if why is None:
        assert night()["state"] == BackupState.WHOLE
        return
    with pytest.raises(DamagedBackup, match=why):
        night()
    assert store.newest([BackupState.WHOLE])["_id"] == 1
