"""Looks at the books of hours whose reports changed since the last look, and of those that are open from before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pymongo.database import Database

from contracts.books import Fates, fates_by_hour, filed_pipelines, floods_pipeline, hour_books, is_settled
from contracts.chunks import chunks
from contracts.ledger import CHANGING_HOURS
from contracts.names import Collection, Topic
from contracts.promises import CheckName, PromiseState
from contracts.reports import Family, report_id
from contracts.zones import hour_key, hour_of_key, hours_of_day, local_date
from footfall_airflow.database import Document
from footfall_airflow.promises import Look
from footfall_airflow.watermarks import watermark_of

CURSOR = "books_checked"
FIRST_LOOK, OVERLAP = timedelta(days=1), timedelta(minutes=1)
"""How far the first look goes back, and every other one behind the newest entry that the last one saw."""
MOST_OPEN = 5_000
_CHUNK = 500


@dataclass(frozen=True, slots=True, order=True)
class MerchantDay:
    """A day of an existing merchant."""

    merchant: str
    day: date
    zone: str
    settings_version: int

    @property
    def hours(self) -> list[str]:
        return [hour_key(start) for start in hours_of_day(self.zone, self.day)]

    @property
    def report(self) -> str:
        return report_id(self.merchant, self.settings_version, Family.QUALITY, self.day.isoformat())


def look_at_books(database: Database[Document], now: datetime) -> dict[str, Look]:
    """Looks by `<merchant>/<hour>`, of every hour of a day that changed. The work grows with what changed."""
    since = _cursor(database, now) - OVERLAP
    touched, newest = _touched(database, since)
    open_ = list(_open(database))
    # an open hour whose merchant is gone has no books any more, and so is kept
    looks = {subject: Look() for subject in open_}
    for chunk in chunks(_days(database, touched, open_), _CHUNK):
        looks |= _look(database, chunk)
    if newest:
        database[Collection.PLATFORM].update_one({"_id": CURSOR}, {"$max": {"reported_at": newest}}, upsert=True)
    return looks


def _cursor(database: Database[Document], now: datetime) -> datetime:
    found = database[Collection.PLATFORM].find_one({"_id": CURSOR})
    return found["reported_at"] if found else now - FIRST_LOOK


def _touched(database: Database[Document], since: datetime) -> tuple[set[tuple[str, str]], datetime | None]:
    """(merchant, day) of quality reports that were replaced, and when the newest of their entries was reported."""
    found, newest = set(), None
    entries = database[Collection.BATCHES].find({"reported_at": {"$gt": since}}, {"touched": 1, "reported_at": 1})
    for entry in entries:
        newest = max(newest or entry["reported_at"], entry["reported_at"])
        for touched in entry.get("touched", []):
            for report in touched["reports"]:
                merchant, _, family, day = report.split("/")
                if family == Family.QUALITY:
                    found.add((merchant, day))
    return found, newest


def _open(database: Database[Document]) -> Iterator[str]:
    query = {"check": CheckName.BOOKS, "state": {"$in": [PromiseState.AWAITED, PromiseState.BROKEN]}}
    for promise in database[Collection.PROMISES].find(query, {"subject": 1}).sort("last", 1).limit(MOST_OPEN):
        yield promise["subject"]


def _days(database: Database[Document], touched: Iterable[tuple[str, str]], open_: Iterable[str]) -> list[MerchantDay]:
    subjects = [subject.split("/", 1) for subject in open_]
    ids = {merchant for merchant, _ in touched} | {merchant for merchant, _ in subjects}
    found = database[Collection.MERCHANTS].find({"_id": {"$in": list(ids)}}, {"time_zone": 1, "settings_version": 1})
    known = {one["_id"]: (one["time_zone"], int(one.get("settings_version", 1))) for one in found}
    days = {MerchantDay(m, date.fromisoformat(day), *known[m]) for m, day in touched if m in known}
    of_hour = ((m, local_date(known[m][0], hour_of_key(hour))) for m, hour in subjects if m in known)
    return sorted(days | {MerchantDay(m, day, *known[m]) for m, day in of_hour})


def _look(database: Database[Document], days: list[MerchantDay]) -> dict[str, Look]:
    """Reads in the order that `contracts.books.is_settled` needs: watermark, fates_by_hour, batches at work, reports."""
    filed_until = watermark_of(database, Topic.ERRORS)
    filed = {day: _fates(database, day) for day in days}
    busy = _busy_hours(database)
    query = {"_id": {"$in": [day.report for day in days]}}
    fields = {"hours": 1}
    reports = {one["_id"]: one.get("hours") or {} for one in database[Collection.REPORTS].find(query, fields)}
    return {
        f"{day.merchant}/{hour}": _of_hour(day.merchant, hour, reports.get(day.report, {}), fates, filed_until, busy)
        for day in days
        for hour, fates in filed[day].items()
    }


def _fates(database: Database[Document], day: MerchantDay) -> dict[str, Fates]:
    failed = database[Collection.FAILED_EVENTS]
    filed = [row for stages in filed_pipelines(day.merchant, day.hours) for row in failed.aggregate(stages)]
    floods = database[Collection.ERROR_CAUSES].aggregate(floods_pipeline(day.merchant, day.hours))
    return fates_by_hour(filed, floods, day.hours)


def _busy_hours(database: Database[Document]) -> list[datetime]:
    """Starts of the UTC hours that batches at work touch, and those of which a part is set aside."""
    batches = database[Collection.BATCHES]
    at_work = list(batches.find(dict(CHANGING_HOURS), {"hours": 1, "root": 1}))
    roots = batches.find({"_id": {"$in": [entry["root"] for entry in at_work if "root" in entry]}}, {"hours": 1})
    return [start for entry in (*at_work, *roots) for start in entry.get("hours", [])]


def _of_hour(
    merchant: str, hour: str, hours: Any, fates: Fates, filed_until: datetime | None, busy: Iterable[datetime]
) -> Look:
    """A damaged report says nothing about the books: whoever reads it asks for a new one."""
    stored = hours.get(hour, {}) if isinstance(hours, dict) else {}
    try:
        counts = {name: int(count) for name, count in stored.get("content", {}).items() if isinstance(count, int)}
        computed_at = datetime.fromisoformat(stored["receipt"]["computed_at"]) if counts else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return Look()
    start, length = hour_of_key(hour), timedelta(hours=1)
    is_busy = any(one.astimezone(UTC) < start + length and start < one.astimezone(UTC) + length for one in busy)
    settled = is_settled(counts.get("rejected", 0), fates.filed, computed_at, filed_until, is_busy)
    books = hour_books(counts, fates, settled)
    if not books.adds_up:
        return Look(PromiseState.BROKEN, _sentence(merchant, hour, books.not_accounted_for))
    return (
        Look() if books.is_settled else Look(PromiseState.AWAITED, f"Books of {merchant}, hour {hour}: on their way.")
    )


def _sentence(merchant: str, hour: str, missing: int) -> str:
    return f"Books of {merchant}, hour {hour}: {missing} {'message is' if missing == 1 else 'messages are'} not accounted for."
