"""Reads every report of some merchants as pages do, and says which ones no page could show: the rehearsal of a restore.

`python -m report_app.proof_reading` takes {"mongo_uri", "database", "merchants"} as JSON from its input and prints
{"reports", "unreadable"}: how many scopes are numbers, and a sentence for each one that should be and is none.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from pymongo.database import Database

from contracts.names import Collection, DueGroup
from contracts.reports import SHAPES, Family
from contracts.settings import Settings
from report_app.reading.calendar import hours_on_calendar
from report_app.reading.hours import hours_on
from report_app.reading.merchants import Merchant, merchants_by_id
from report_app.reading.reports import Part, State, read_days, read_hours
from report_app.services import open_database

Document = dict[str, Any]
MOST_SENTENCES = 20


def proof_read(database: Database[Document], merchants: list[str]) -> tuple[int, list[str]]:
    """How many scopes are numbers; and sentences. What is being computed anyway is neither."""
    found, count = merchants_by_id(database, merchants), 0
    unreadable = [f"{name}: there is no such shop." for name in merchants if name not in found]
    for merchant in found.values():
        wrong: Counter[tuple[Family, date, bool]] = Counter()
        for family, day, part in _parts(database, merchant):
            count += part.state is State.READ
            if part.state is State.AGAIN:
                wrong[family, day, part.is_missing] += 1
        unreadable += [_sentence(merchant, *key, scopes) for key, scopes in sorted(wrong.items())]
    return count, unreadable


def _sentence(merchant: Merchant, family: Family, day: date, is_missing: bool, scopes: int) -> str:
    hours = f", {scopes} hours," if SHAPES[family].group is DueGroup.HOUR else ""
    return f"{merchant.id}: {family} of {day}{hours} {'is missing' if is_missing else 'cannot be read'}."


def _parts(database: Database[Document], merchant: Merchant) -> Iterator[tuple[Family, date, Part]]:
    """Every scope on the calendar with its day, a month at a time."""
    by_hour = [family for family, shape in SHAPES.items() if shape.group is DueGroup.HOUR]
    for days in _months(database, merchant.id):
        on_calendar = hours_on_calendar(database, merchant.id, days)
        hours = {
            hour.key: hour
            for day in on_calendar
            for hour in hours_on(merchant.zone, day)
            if hour.key in on_calendar[day]
        }
        for family, parts in read_hours(database, merchant, by_hour, hours.values()).items():
            yield from ((family, hours[key].day, part) for key, part in parts.items())
        for family in SHAPES.keys() - set(by_hour):
            parts = read_days(database, merchant, family, sorted(on_calendar))
            yield from ((family, date.fromisoformat(day), part) for day, part in parts.items())


def _months(database: Database[Document], merchant: str) -> Iterator[list[date]]:
    for month in database[Collection.CALENDAR].find({"merchant": merchant}).sort("month", 1):
        yield [date.fromisoformat(f"{month['month']}-{int(number):02d}") for number in month.get("days", {})]


def main() -> None:
    asked = json.load(sys.stdin)
    database = open_database(Settings(mongo_uri=asked["mongo_uri"], database=asked["database"]))
    count, unreadable = proof_read(database, asked["merchants"])
    more = len(unreadable) - MOST_SENTENCES
    sentences = unreadable[:MOST_SENTENCES] + ([f"And {more} more."] if more > 0 else [])
    print(json.dumps({"reports": count, "unreadable": sentences}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
