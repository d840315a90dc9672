"""Reports and the calendar into MongoDB: each write replaces only what is not newer, and losing is success."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from contracts.ledger import Touched
from contracts.names import Collection, DueGroup
from spark_jobs.database import Document
from spark_jobs.due_scopes import DueScope, Scope
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import Report, body, day_of, identity, is_not_newer
from spark_jobs.restatements import ClosedDays, replace_closed

_CHUNK = 5_000
_DUPLICATE_KEY = 11_000


def write_reports(
    database: Database[Document],
    reports: Iterable[Report],
    merchants: dict[str, Merchant],
    due: Iterable[DueScope] = (),
) -> list[Touched]:
    """Writes every report whose stored one is not newer; returns the ids of their documents by merchant.

    What changes in closed days is kept: see spark_jobs/restatements.py. Scopes that are not among `due` are taken as open.
    """
    touched: dict[str, set[str]] = {}
    closed = ClosedDays.of(due, merchants)
    for chunk in _chunks(reports):
        for report in chunk:
            head = identity(report, merchants[report.scope.merchant])
            touched.setdefault(report.scope.merchant, set()).add(head["_id"])
        open_ = [_write(report, merchants[report.scope.merchant]) for report in chunk if not closed.hold(report)]
        _write_unless_newer(database, open_)
        of_closed = [report for report in chunk if closed.hold(report)]
        replace_closed(database, of_closed, closed, partial(_refused, database))
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


def _write(report: Report, merchant: Merchant) -> UpdateOne:
    head = identity(report, merchant)
    id_ = head.pop("_id")
    if report.scope.group == DueGroup.DAY:
        return UpdateOne({"_id": id_, **is_not_newer("", report.version)}, {"$set": head | body(report)}, upsert=True)
    place = f"hours.{report.scope.key}"
    update = {"$set": head | {place: body(report)}}
    return UpdateOne({"_id": id_, **is_not_newer(f"{place}.", report.version)}, update, upsert=True)


def _write_unless_newer(database: Database[Document], writes: Sequence[UpdateOne]) -> None:
    """An upsert whose filter misses because the stored report is newer ends as a duplicate key: it has lost.

    Two writers that create one document at the same time see the same error; a second try tells them apart.
    """
    refused = _refused(database, writes) if writes else []
    if refused:
        _refused(database, [writes[place] for place in refused])


def _refused(database: Database[Document], writes: Sequence[UpdateOne]) -> list[int]:
    """Places of the writes that met a duplicate key; every other error is raised."""
    try:
        database[Collection.REPORTS].bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        errors = details.get("writeErrors", [])
        if details.get("writeConcernErrors") or any(one["code"] != _DUPLICATE_KEY for one in errors):
            raise
        return [one["index"] for one in errors]
    return []


def list_on_calendar(database: Database[Document], scopes: Iterable[Scope], merchants: dict[str, Merchant]) -> None:
    """Adds hour scopes to their merchants' months, before their reports exist."""
    months: dict[tuple[str, str], dict[str, list[str]]] = {}
    for scope in scopes:
        day = day_of(scope, merchants[scope.merchant])
        days = months.setdefault((scope.merchant, f"{day:%Y-%m}"), {})
        days.setdefault(f"days.{day:%d}", []).append(scope.key)
    writes = [
        UpdateOne(
            {"_id": f"{merchant}/{month}"},
            {
                "$set": {"merchant": merchant, "month": month},
                "$addToSet": {day: {"$each": sorted(keys)} for day, keys in days.items()},
            },
            upsert=True,
        )
        for (merchant, month), days in months.items()
    ]
    if writes:
        database[Collection.CALENDAR].bulk_write(writes, ordered=False)


def _chunks(reports: Iterable[Report]) -> Iterator[list[Report]]:
    chunk: list[Report] = []
    for report in reports:
        chunk.append(report)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
