"""Room on the disks: of folders that are on this machine, and of the databases' servers, which say it themselves."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.promises import CHECKS, CheckName
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.promises import Look, broken_subjects, measured

_WAIT_MS = 5_000
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Disk:
    """`id` stays the same whatever comes onto it; `of` says whose it is."""

    id: str
    of: str
    free: int
    total: int


def look_at_disks(database: Database[Document], settings: Settings) -> dict[str, Look]:
    """Looks by disk. A folder that is not on this machine, and a server that does not answer, have none."""
    gone = {one: Look() for one in broken_subjects(database, CheckName.DISK) if one.startswith("/")}
    disks = (*_of_folders(settings), *_of_servers(database, settings))
    return gone | {disk.id: _look(disk, settings) for disk in disks}


def _look(disk: Disk, settings: Settings) -> Look:
    share, limit = disk.free / disk.total, CHECKS[CheckName.DISK].limit(settings)
    sentence = (
        f"The disk of {disk.of} has {100 * share:.1f} % free ({disk.free / _GIGABYTE:,.1f} GB); "
        f"the limit is {100 * limit:g} %."
    )
    return measured(CheckName.DISK, disk.of, share, limit, sentence)


def folders(settings: Settings) -> dict[str, Path]:
    """What grows on this machine, if it is here; an archive in an object store is not."""
    found = {"broker": settings.data / "kafka", "dumps": Path(settings.dump_folder)}
    if "://" not in settings.lake_warehouse:
        found["archive"] = Path(settings.lake_warehouse)
    if home := os.environ.get("AIRFLOW_HOME"):
        found["Airflow"] = Path(home)
    return found


def _of_folders(settings: Settings) -> Iterator[Disk]:
    """One for each disk, with the names of all that is on it."""
    by_disk: dict[Path, list[str]] = {}
    for name, folder in sorted(folders(settings).items()):
        if folder.is_dir():
            by_disk.setdefault(_mount_point(folder), []).append(name)
    for place, names in by_disk.items():
        usage = shutil.disk_usage(place)
        yield Disk(str(place), ", ".join(names), usage.free, usage.total)


def _mount_point(folder: Path) -> Path:
    found = folder.resolve()
    while not found.is_mount():
        found = found.parent
    return found


def _of_servers(database: Database[Document], settings: Settings) -> Iterator[Disk]:
    yield from _of_server("database", database)
    uri = settings.backup_mongo_uri
    with MongoClient[Document](uri, serverSelectionTimeoutMS=_WAIT_MS, appname="footfall-airflow") as client:
        yield from _of_server("backup database", client.admin)


def _of_server(name: str, database: Database[Document]) -> Iterator[Disk]:
    """Other checks say that a server is away."""
    try:
        said = database.command("dbStats")
    except PyMongoError:
        return
    if said.get("fsTotalSize"):
        yield Disk(name, f"the {name}", int(said["fsTotalSize"] - said["fsUsedSize"]), int(said["fsTotalSize"]))
