"""The calendar: which hours of a merchant have reports at all."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo.database import Database

from contracts.names import Collection


def hours_on_calendar(database: Database[dict[str, Any]], merchant: str, days: Iterable[date]) -> dict[date, set[str]]:
    """Hour keys on the calendar, by local day; a day without reports is absent."""
    wanted = set(days)
    months = {f"{merchant}/{day:%Y-%m}" for day in wanted}
    found: dict[date, set[str]] = {}
    for document in database[Collection.CALENDAR].find({"_id": {"$in": sorted(months)}, "merchant": merchant}):
        for number, keys in document.get("days", {}).items():
            day = date.fromisoformat(f"{document['month']}-{int(number):02d}")
            if day in wanted and keys:
                found[day] = set(keys)
    return found


def first_month(database: Database[dict[str, Any]], merchant: str) -> str | None:
    """The first month with reports (`2026-11`); null for a shop without events."""
    document = database[Collection.CALENDAR].find_one({"merchant": merchant}, sort=[("month", 1)])
    return str(document["month"]) if document else None
