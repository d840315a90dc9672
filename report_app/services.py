"""What a request needs from outside: settings, database, clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app, g
from pymongo import MongoClient
from pymongo.database import Database

from contracts.settings import Settings
from report_app.standing_in.choosing import Choice, Shown
from report_app.standing_in.main_database import MainDatabase

WAIT_MILLISECONDS = 4_000
_EXTENSION = "footfall"


@dataclass(frozen=True, slots=True)
class Services:
    """`shown` is null where `database` is the main one; else it is a backup, and nothing can be written."""

    settings: Settings
    database: Database[dict[str, Any]]
    now: Callable[[], datetime]
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """The same for the whole process; `main` is the main database, whether it is there or not."""

    settings: Settings
    now: Callable[[], datetime]
    choice: Choice

    @property
    def main(self) -> Database[dict[str, Any]]:
        return self.choice.main.database

    def chosen(self) -> Services:
        """Raises Away."""
        found = self.choice.choose()
        return Services(self.settings, found.database, self.now, found.shown)


def open_database(settings: Settings) -> Database[dict[str, Any]]:
    """The database; connects on first use, and gives up after seconds."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=WAIT_MILLISECONDS, appname="report_app"
    )
    return client[settings.database]


def install(app: Flask, settings: Settings, now: Callable[[], datetime]) -> None:
    app.extensions[_EXTENSION] = Outside(settings, now, Choice(MainDatabase(settings, now), settings))


def outside(app: Flask | None = None) -> Outside:
    """Of the app, or of the one that runs."""
    return cast(Outside, (app or current_app).extensions[_EXTENSION])


def services() -> Services:
    """The services of this request: one database from its beginning to its end. Raises Away."""
    if "services" not in g:
        g.services = outside().chosen()
    return cast(Services, g.services)


def forget_services() -> None:
    """The request begins anew, with the database that is there now."""
    g.pop("services", None)
