"""Two real servers: the main database and that of the backups. Each test has databases of its own on both."""

from datetime import UTC, datetime

import pytest
from bson import Int64
from pymongo import MongoClient

from backups.generations import begin, copy
from backups.proving import prove
from backups.store import Store
from contracts.backups import BackupLine
from contracts.settings import settings as settings_of_process
from stack.addresses import free_ports
from stack.database import prepare_database
from tests import airflow_home
from tests.conftest import running_mongod
from tests.databases import own_database

airflow_home.choose()

SHRINK = 0.3


@pytest.fixture(scope="session")
def backup_mongo(tmp_path_factory):
    """URI of the server of the backups, a replica set of one as in the stack."""
    folder = tmp_path_factory.mktemp("backup-mongo")
    uri = f"mongodb://127.0.0.1:{free_ports(1)[0]}/?directConnection=true"
    with running_mongod(folder, uri):
        with MongoClient(uri) as client:
            # what a killed process had open ends after a second here, after a minute elsewhere
            client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": 1})
        yield uri


@pytest.fixture
def main(mongo):
    """The main database, empty."""
    with own_database(mongo, "main") as database:
        yield database


@pytest.fixture
def store(backup_mongo, main):
    """The nightly line of the main database's backups."""
    client = MongoClient(backup_mongo, tz_aware=True)
    yield Store(client, BackupLine.NIGHTLY, main.name)
    for name in client.list_database_names():
        if name.startswith(main.name):
            client.drop_database(name)
    client.close()


@pytest.fixture
def night(store, main):
    """A whole night but for what is not about generations; answers the generation. Each is a run of its own."""
    runs = iter(range(1, 1_000))

    def do(shrink=SHRINK):
        run = f"night-{next(runs)}"
        number = begin(store, main, run)
        copy(store, main, number, run)
        return prove(store, main, number, run, shrink)

    return do


@pytest.fixture
def filled(main):
    """Some merchants' documents with all kinds of values; answers the database."""
    main.merchants.insert_many([{"_id": f"shop-{n}", "name": f"Shop {n}", "time_zone": "UTC"} for n in range(20)])
    main.reports.insert_many([report(f"shop-{n % 20}", day) for n in range(20) for day in range(30)])
    main.reports.create_index([("merchant", 1), ("day", 1)], name="days_of_shop")
    main.users.insert_one({"_id": "anna@example.com", "merchants": ["shop-1"], "password_hash": "x"})
    main.counters.insert_one({"_id": "batches", "value": Int64(41)})
    return main


@pytest.fixture
def platform(filled):
    """Every collection with its indexes and validators, and some with documents."""
    prepare_database(filled)
    filled["odd/name: x"].insert_one({"_id": 1})
    return filled


@pytest.fixture
def empty(main):
    name = f"{main.name}_empty"
    yield main.client[name]
    main.client.drop_database(name)


@pytest.fixture
def environment(main, mongo, backup_mongo, store, tmp_path, monkeypatch):
    """The settings of the process and of commands: these two servers."""
    given = {
        "FOOTFALL_MONGO_URI": mongo,
        "FOOTFALL_BACKUP_MONGO_URI": backup_mongo,
        "FOOTFALL_DATABASE": main.name,
        "FOOTFALL_DUMP_FOLDER": str(tmp_path / "dumps"),
        "FOOTFALL_DATA": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings_of_process.cache_clear()
    yield given
    settings_of_process.cache_clear()


def report(merchant, day, **overrides):
    return {
        "_id": f"{merchant}/1/sales/{day}",
        "merchant": merchant,
        "day": f"2026-11-{day + 1:02d}",
        "hours": {"2026-11-24T10:00Z": {"content": {"sales": 12_00 + day, "orders": Int64(3)}, "extra": b"\x00sketch"}},
        "at": datetime(2026, 11, 24, 10, 0, 0, 7000, tzinfo=UTC),
        "ratio": 0.1,
        "none": None,
    } | overrides
