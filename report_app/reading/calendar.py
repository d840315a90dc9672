"""The calendar: which hours of a merchant's edition have reports at all."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo.database import Database

from contracts.names import Collection


def hours_on_calendar(database: Database[dict[str, Any]], edition: str, days: Iterable[date]) -> dict[date, set[str]]:
    """Hour keys on the calendar, by local day; a day without reports is absent."""
    wanted = set(days)
    months = {f"{edition}/{day:%Y-%m}" for day in wanted}
    found: dict[date, set[str]] = {}
    for document in database[Collection.CALENDAR].find({"_id": {"$in": sorted(months)}}):
        for number, keys in document.get("days", {}).items():
            day = date.fromisoformat(f"{document['month']}-{int(number):02d}")
            if day in wanted and keys:
                found[day] = set(keys)
    return found


def first_month(database: Database[dict[str, Any]], edition: str) -> str | None:
    """The first month with reports (`2026-11`); null for a shop without events."""
    is_of_edition = {"$gte": f"{edition}/", "$lt": f"{edition}/:"}
    document = database[Collection.CALENDAR].find_one({"_id": is_of_edition}, sort=[("_id", 1)])
    return str(document["month"]) if document else None
