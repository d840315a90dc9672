"""Books of a range: its quality reports against the error inbox, hour by hour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pymongo.database import Database

from contracts.books import Books, Fates, added, hour_books, is_settled
from contracts.ledger import CHANGING_HOURS
from contracts.names import Collection, Topic
from contracts.reports import Family
from report_app.reading.fates import read_fates_by_hour
from report_app.reading.freshness import watermark_of
from report_app.reading.hours import Hour
from report_app.reading.merchants import Merchant
from report_app.reading.ranges import View
from report_app.reading.reports import Part, read_hours


@dataclass(frozen=True, slots=True)
class Row:
    """Books of one day, or of one hour; null where a report of it cannot be read."""

    day: date
    hour: Hour | None
    books: Books | None


@dataclass(frozen=True, slots=True)
class RangeBooks:
    """`rows` are days, hours of a range of one day; those without any message are left out. Newest first."""

    rows: tuple[Row, ...]
    total: Books
    wrong_hours: tuple[str, ...]

    @property
    def is_read(self) -> bool:
        return all(row.books is not None for row in self.rows)


def read_books(database: Database[dict[str, Any]], merchant: Merchant, view: View) -> RangeBooks:
    """Reads in the order that `contracts.books.is_settled` needs: watermark, inbox, batches at work, reports."""
    hours = view.hours_shown()
    filed_until = watermark_of(database, Topic.ERRORS)
    fates = read_fates_by_hour(database, merchant.id, [hour.key for hour in hours])
    busy = _busy_hours(database)
    parts = read_hours(database, merchant, [Family.QUALITY], hours)[Family.QUALITY]
    books = {hour: _of_hour(hour, parts[hour.key], fates[hour.key], filed_until, busy) for hour in hours}
    known = [found for found in books.values() if found is not None]
    wrong = [hour.key for hour, found in books.items() if found is not None and not found.adds_up]
    rows = _rows(view, books)
    return RangeBooks(tuple(reversed(rows)), added(Books, known), tuple(wrong))


def _busy_hours(database: Database[dict[str, Any]]) -> list[datetime]:
    """Starts of the UTC hours that batches at work touch, and those of which a part is set aside."""
    batches = database[Collection.BATCHES]
    at_work = list(batches.find(dict(CHANGING_HOURS), {"hours": 1, "root": 1}))
    roots = batches.find({"_id": {"$in": [entry["root"] for entry in at_work if "root" in entry]}}, {"hours": 1})
    return [start.astimezone(UTC) for entry in (*at_work, *roots) for start in entry.get("hours", [])]


def _of_hour(
    hour: Hour, part: Part, fates: Fates, filed_until: datetime | None, busy: Iterable[datetime]
) -> Books | None:
    if not part.is_number:
        return None
    content = part.content or {}
    computed_at = datetime.fromisoformat(part.receipt["computed_at"]) if part.receipt else None
    is_busy = any(start < hour.end and hour.start < start + timedelta(hours=1) for start in busy)
    rejected = int(content.get("rejected", 0))
    return hour_books(content, fates, is_settled(rejected, fates.filed, computed_at, filed_until, is_busy))


def _rows(view: View, books: Mapping[Hour, Books | None]) -> list[Row]:
    if view.is_one_day:
        return [Row(hour.day, hour, found) for hour, found in books.items() if found != Books()]
    by_day: dict[date, list[Books | None]] = {}
    for hour, found in books.items():
        by_day.setdefault(hour.day, []).append(found)
    rows = [Row(day, None, _day(found)) for day, found in by_day.items()]
    return [row for row in rows if row.books != Books()]


def _day(hours: list[Books | None]) -> Books | None:
    known = [found for found in hours if found is not None]
    return added(Books, known) if len(known) == len(hours) else None
