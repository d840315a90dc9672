"""Rounds of upkeep: what they note, what they let go of, and an archive that comes back from its copy."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.ledger import DONE
from contracts.maintenance import Mismatch
from contracts.names import BatchState, Collection, DagId
from contracts.settings import Settings
from spark_jobs.archive import current_snapshot, read_at
from spark_jobs.archive_copy import read_list
from spark_jobs.attempts import Attempt
from spark_jobs.failures import PermanentError
from spark_jobs.iceberg import Rewrite
from spark_jobs.ledger import take
from spark_jobs.maintain_archive.job import work
from spark_jobs.places import place_of
from spark_jobs.restore_archive.job import restore
from tests.spark_jobs.samples import TIME, shop
from tests.spark_jobs.test_archive import names_at, write
from tests.spark_jobs.test_compacting import files_of, spans

NOW = datetime.now(UTC)


@pytest.fixture
def upkeep(archive, database, tmp_path):
    return UpkeepOf(archive, database, Settings(archive_snapshot_hours=0, archive_copy=str(tmp_path / "copy")))


class UpkeepOf:
    """An archive whose batches are written and booked without messages."""

    def __init__(self, spark, database, settings):
        self.spark, self.database, self.settings = spark, database, settings
        self.rounds = 0

    def batch(self, number, *names, state=BatchState.COMMITTED, messages=None, **overrides):
        snapshot = write(self.spark, number, *names, **overrides)
        entry = {
            "_id": number,
            "dag": str(DagId.PROCESS_EVENTS),
            "state": str(state),
            "run": f"run-{number}",
            "attempt": 1,
            "planned_at": NOW,
            "messages": len(names),
            "counts": {"messages": len(names) if messages is None else messages},
        }
        self.database[Collection.BATCHES].insert_one(entry)
        self.database[Collection.COUNTERS].update_one({"_id": "batches"}, {"$set": {"value": number}}, upsert=True)
        return snapshot

    def round(self, is_long=False):
        """Answers what the round noted."""
        self.rounds += 1
        key = f"archive-{self.rounds}"
        entry = {"_id": key, "dag": str(DagId.MAINTAIN_ARCHIVE), "state": "planned", "run": "r", "attempt": 0}
        self.database[Collection.BATCHES].insert_one(entry | {"planned_at": NOW, "is_long": is_long})
        work(Attempt(self.spark, self.database, self.settings, take(self.database, key, "r")))
        return self.entry(key)["upkeep"]

    def entry(self, key):
        return self.database[Collection.BATCHES].find_one({"_id": key})


def test_a_round_compacts_what_is_final_and_names_what_does_not_agree(upkeep):
    for number in range(1, 9):
        upkeep.batch(number, f"{number}", messages=2 if number == 7 else None)
    upkeep.batch(9, "9", state=BatchState.REPORTED)
    done = upkeep.round()
    assert (done["files_before"], done["files_after"]) == (9, 4)
    assert (done["rows_before"], done["rows_after"]) == (7, 7)
    assert done["mismatches"] == [Mismatch(batch=7, ledger=2, archive=1)]
    assert spans(upkeep.spark) == [(6, 1, 6), (1, 7, 7), (1, 8, 8), (1, 9, 9)]
    waiting = upkeep.database[Collection.BATCHES].find({"state": {"$in": list(DONE)}, "compacted_at": None})
    assert [entry["_id"] for entry in waiting] == [7]


def test_few_files_an_hour_wait_for_the_night(upkeep):
    for number in range(1, 4):
        upkeep.batch(number, f"{number}")
    upkeep.round()
    assert len(files_of(upkeep.spark)) == 3
    upkeep.round(is_long=True)
    assert spans(upkeep.spark) == [(3, 1, 3)]


def test_a_snapshot_that_a_job_in_flight_may_have_pinned_is_kept(upkeep):
    upkeep.batch(1, "1")
    pinned = upkeep.batch(2, "2")
    lease = {"run": "r", "until": datetime.now(UTC) + timedelta(minutes=5)}
    flight = {"_id": "days-3", "dag": "build_day_reports", "state": "planned", "run": "r", "lease": lease}
    upkeep.database[Collection.BATCHES].insert_one(flight | {"taken_at": datetime.now(UTC)})
    upkeep.batch(4, "4")
    assert upkeep.round(is_long=True)["expired"] == 1
    assert names_at(upkeep.spark, pinned) == [(1, "1"), (2, "2")]
    upkeep.database[Collection.BATCHES].delete_one({"_id": "days-3"})
    assert upkeep.round()["expired"] >= 2
    with pytest.raises(Exception, match="Cannot find snapshot"):
        read_at(upkeep.spark, pinned).count()
    assert names_at(upkeep.spark, current_snapshot(upkeep.spark)) == [(1, "1"), (2, "2"), (4, "4")]


def test_rows_beyond_a_shops_retention_go_and_the_shop_says_so(upkeep):
    merchants = [{**document(name), "retention_days": days} for name, days in (("amber", 30), ("birch", None))]
    upkeep.database[Collection.MERCHANTS].insert_many(merchants)
    old, new = NOW - timedelta(days=40), NOW - timedelta(days=3)
    upkeep.batch(1, "old amber", event_time=old)
    upkeep.batch(2, "old birch", event_time=old, merchant="birch")
    upkeep.batch(3, "new amber", event_time=new)
    upkeep.batch(4, "open amber", event_time=old, state=BatchState.REPORTED)
    assert upkeep.round(is_long=True)["removed"] == 1
    left = names_at(upkeep.spark, current_snapshot(upkeep.spark))
    assert left == [(2, "old birch"), (3, "new amber"), (4, "open amber")]
    amber = upkeep.database[Collection.MERCHANTS].find_one({"_id": "amber"})
    assert NOW - timedelta(days=32) < amber["archive_from"] < NOW - timedelta(days=29)
    assert "archive_from" not in upkeep.database[Collection.MERCHANTS].find_one({"_id": "birch"})
    assert shop(retention_days=None, archive_from=amber["archive_from"]).frozen_before(NOW) == amber["archive_from"]


def document(name):
    return {"_id": name, "name": name, "time_zone": "Europe/Berlin", "currency": "EUR"}


def test_an_archive_that_is_lost_comes_back_from_its_copy(upkeep):
    for number in range(1, 4):
        upkeep.batch(number, f"{number}")
    assert upkeep.round(is_long=True)["copied"] == 1
    upkeep.batch(4, "4", event_time=TIME + timedelta(hours=1))
    assert upkeep.round(is_long=True)["copied"] == 1, "only what is new"
    upkeep.batch(5, "5")
    upkeep.database[Collection.DUE_SCOPES].insert_one({"_id": "amber/hour/x", "sequence": 99})
    copy = place_of(upkeep.settings.archive_copy)
    with pytest.raises(PermanentError, match="holds rows: say --instead"):
        restore(upkeep.spark, upkeep.database, copy, read_list(copy))
    assert restore(upkeep.spark, upkeep.database, copy, read_list(copy), is_instead=True) == [5]
    assert names_at(upkeep.spark, current_snapshot(upkeep.spark)) == [(1, "1"), (2, "2"), (3, "3"), (4, "4")]
    assert upkeep.entry(5)["state"] == BatchState.PLANNED
    assert upkeep.database[Collection.PLATFORM].find_one({"_id": "archive"})["epoch"] == 2
    assert upkeep.database[Collection.DUE_SCOPES].find_one()["sequence"] == 0
    # the restored archive is one like any other
    write(upkeep.spark, 5, "5 again", is_first_attempt=False)
    assert upkeep.round(is_long=True)["mismatches"] == []
    assert read_list(copy)["epoch"] == 2


def test_a_damaged_copy_is_copied_anew_or_refused(upkeep):
    upkeep.batch(1, "1", "1b", "1c")
    upkeep.round(is_long=True)
    copy = place_of(upkeep.settings.archive_copy)
    [name] = copy.sizes("data")
    whole = copy.read(name)
    copy.write(name, whole[:-1])
    assert upkeep.round(is_long=True)["copied"] == 1
    copy.write(name, whole[:-9] + b"x" + whole[-8:])
    with pytest.raises(PermanentError, match="is damaged: choose an older list"):
        restore(upkeep.spark, upkeep.database, copy, read_list(copy), is_instead=True)
    assert current_snapshot(upkeep.spark) is None
    upkeep.database[Collection.BATCHES].delete_many({})
    with pytest.raises(PermanentError, match="far fewer rows than its copy"):
        upkeep.batch(2, "2")
        upkeep.round(is_long=True)


class Killed(BaseException):
    """What no job catches."""


def test_rows_that_went_on_purpose_are_not_taken_for_lost_by_the_copy(upkeep, monkeypatch):
    upkeep.database[Collection.MERCHANTS].insert_one(document("amber") | {"retention_days": 9_999})
    upkeep.batch(1, *"abcdefgh", event_time=TIME - timedelta(days=400))
    upkeep.batch(2, "kept", event_time=NOW)
    upkeep.round(is_long=True)
    upkeep.database[Collection.MERCHANTS].update_one({}, {"$set": {"retention_days": 30}})
    commit = Rewrite.commit

    def killed_after(rewrite, why):
        commit(rewrite, why)
        raise Killed

    monkeypatch.setattr(Rewrite, "commit", killed_after)
    with pytest.raises(Killed):
        upkeep.round(is_long=True)
    monkeypatch.undo()
    assert upkeep.round(is_long=True)["copied"] == 0
    # the database was put back to the night before
    upkeep.database[Collection.PLATFORM].update_one({"_id": "archive"}, {"$set": {"removed_rows": 0}})
    upkeep.round(is_long=True)
    assert upkeep.database[Collection.PLATFORM].find_one({"_id": "archive"})["removed_rows"] == 8
