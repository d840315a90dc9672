"""What `check_backups` says: late, damaged, smaller, slow, away; and nothing while all is well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backups.problems import DamagedBackup
from contracts.backups import SEEN, BackupState
from contracts.settings import Settings
from stack.addresses import free_ports


@pytest.fixture
def settings(mongo, backup_mongo, main):
    return Settings(mongo_uri=mongo, backup_mongo_uri=backup_mongo, database=main.name)


@pytest.fixture
def look(main, settings, store):
    """What is broken at a time, by line."""
    from footfall_airflow.backup_checks import look_at_backups

    def do(now, settings=settings):
        return {line: one.sentence for line, one in look_at_backups(main, settings, now).items() if one.state}

    return do


def seen(main):
    return main.backups.find_one({"_id": SEEN})


def test_late(filled, store, night, look):
    taken = night()["taken_at"]
    filled.batches.insert_one({"topic": "footfall.events.v1", "planned_at": taken, "previous": 0})
    assert look(taken + timedelta(minutes=14)) == {}
    assert seen(filled)["lines"]["nightly"] | {"broken": ""} == {
        "until": taken, "documents": 622, "generations": 1, "broken": ""
    }  # fmt: skip
    assert set(look(taken + timedelta(minutes=16))) == {"decisions"}, (
        "there is none although there is something to lose"
    )
    late = look(taken + timedelta(hours=26, seconds=1))
    assert "more than 26 h ago" in late["nightly"] and "back_up_databases" in late["nightly"]
    assert seen(filled)["lines"]["nightly"]["broken"] == late["nightly"]


def test_nothing_to_lose_is_nothing_late(look):
    assert look(datetime.now(UTC)) == {}


def test_empty(main, night, look):
    """The first one is, on a platform that begins with nothing; not for long where there are batches."""
    generation = night()
    taken = generation["taken_at"]
    assert (generation["state"], generation["documents"], look(taken)) == (BackupState.WHOLE, 0, {})
    began = {"topic": "footfall.events.v1", "planned_at": taken - timedelta(hours=27), "previous": 0}
    main.batches.insert_one(began)
    assert "is empty: does back_up_databases read" in look(taken)["nightly"]


def test_damaged_doubtful_and_whole_again(filled, store, night, look):
    taken = night()["taken_at"]
    reports = list(filled.reports.find())
    filled.reports.delete_many({})
    with pytest.raises(DamagedBackup):
        night()
    assert "is doubtful" in look(taken)["nightly"] and "fewer than the one before" in look(taken)["nightly"]
    assert seen(filled)["lines"]["nightly"]["until"] == taken, "what counts is the last whole one"
    filled.reports.insert_many(reports)
    assert night()["state"] == BackupState.WHOLE
    assert look(taken) == {}


def test_slow(filled, store, night, look):
    generation = night()
    store.note(generation["_id"], verified_at=generation["taken_at"] + timedelta(seconds=151))
    assert "FOOTFALL_SNAPSHOT_WINDOW_SECONDS" in look(generation["taken_at"])["nightly"]


def test_away(filled, night, look, settings):
    taken = night()["taken_at"]
    assert look(taken) == {}
    away = replace(settings, backup_mongo_uri=f"mongodb://127.0.0.1:{free_ports(1)[0]}/?directConnection=true")
    found = look(taken, away)
    assert set(found) == {"nightly", "decisions"}
    assert all("does not answer" in sentence for sentence in found.values())
    assert seen(filled)["lines"]["nightly"]["until"] == taken, "it is out of reach, not gone"
    assert look(taken) == {}
