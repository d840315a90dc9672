"""Room on the disks of this machine's folders and of the databases' servers."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.promises import CheckName, PromiseState
from footfall_airflow.disks import folders, look_at_disks
from footfall_airflow.promises import judge
from stack.addresses import free_ports
from tests.plugins.errors import NOW


@pytest.fixture
def settings(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("AIRFLOW_HOME")
    for name in ("kafka", "warehouse"):
        (tmp_path / name).mkdir()
    own = {"data": tmp_path, "lake_warehouse": str(tmp_path / "warehouse"), "dump_folder": str(tmp_path / "none")}
    return replace(settings, backup_mongo_uri=settings.mongo_uri, **own)


def test_every_disk_is_measured_once_and_servers_say_theirs(database, settings, tmp_path):
    looks = look_at_disks(database, settings)
    [place] = [subject for subject in looks if subject.startswith("/")]
    assert tmp_path.is_relative_to(place) and Path(place).is_mount()
    assert set(looks) == {place, "database", "backup database"}
    assert looks[place].measure["of"] == "archive, broker"
    assert all(0 < look.measure["value"] < 1 and look.measure["limit"] == 0.1 for look in looks.values())


def test_a_disk_with_too_little_room_is_named(database, settings):
    looks = look_at_disks(database, replace(settings, promise_free_share=1.0))
    assert {look.state for look in looks.values()} == {PromiseState.BROKEN}
    assert all("% free" in look.sentence and "the limit is 100 %" in look.sentence for look in looks.values())


def test_what_is_not_on_this_machine_is_not_measured(database, settings, monkeypatch):
    monkeypatch.setattr("footfall_airflow.disks._WAIT_MS", 300)
    elsewhere = replace(settings, lake_warehouse="s3://lake/warehouse", data=settings.data / "none")
    away = f"mongodb://127.0.0.1:{free_ports(1)[0]}/?directConnection=true"
    assert "archive" not in folders(elsewhere)
    assert set(look_at_disks(database, replace(elsewhere, backup_mongo_uri=away))) == {"database"}


def test_a_disk_that_was_taken_away_is_no_broken_promise(database, settings):
    looks = look_at_disks(database, replace(settings, promise_free_share=1.0))
    [place] = [subject for subject in looks if subject.startswith("/")]
    judge(database, CheckName.DISK, {"/gone": looks[place]}, NOW)
    judge(database, CheckName.DISK, look_at_disks(database, settings), NOW)
    assert {one["state"] for one in database.promises.find()} == {PromiseState.MENDED}
