"""A night in a process of its own, to be killed: `python one_night.py MAIN BACKUP DATABASE RUN`; says when it begins."""

import sys

from pymongo import MongoClient

from backups.generations import begin, copy
from backups.proving import prove
from backups.store import Store
from contracts.backups import BackupLine

PACKET = 10
"""Many small writes, so that there are many points to be killed at."""


def main(main_uri, backup_uri, database, run):
    source = MongoClient(main_uri, tz_aware=True)[database]
    store = Store(MongoClient(backup_uri, tz_aware=True), BackupLine.NIGHTLY, database)
    print("begins", flush=True)
    number = begin(store, source, run)
    copy(store, source, number, run, PACKET)
    prove(store, source, number, run, shrink=0.3)
    print("ends", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
