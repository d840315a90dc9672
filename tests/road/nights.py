"""Backups of the road's database, made at once instead of at night."""

from backups.decisions import copy_decisions
from backups.generations import begin, copy
from backups.proving import prove
from backups.store import open_store
from contracts.backups import BackupLine, BackupState


def back_up(road):
    run = "drill"
    with open_store(road.settings, BackupLine.NIGHTLY) as store:
        number = begin(store, road.database, run)
        copy(store, road.database, number, run)
        assert prove(store, road.database, number, run, 1.0)["state"] == BackupState.WHOLE


def back_up_decisions(road):
    with open_store(road.settings, BackupLine.DECISIONS) as store:
        copy_decisions(store, road.database, "drill", 1.0)
