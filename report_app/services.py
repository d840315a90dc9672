"""What a request needs from outside: settings, database, clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app
from pymongo import MongoClient
from pymongo.database import Database

from contracts.settings import Settings

WAIT_MILLISECONDS = 4_000


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database[dict[str, Any]]
    now: Callable[[], datetime]


def open_database(settings: Settings) -> Database[dict[str, Any]]:
    """The database; connects on first use, and gives up after seconds rather than holding a page."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=WAIT_MILLISECONDS, appname="report_app"
    )
    return client[settings.database]


def services() -> Services:
    """The services of the running app."""
    return cast(Services, current_app.extensions["footfall"])
