"""Reports and the calendar into MongoDB: each write replaces only what is not newer, and losing is success."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from contracts.chunks import chunks
from contracts.editions import merchant_of
from contracts.ledger import Touched
from contracts.names import Collection, DueGroup
from contracts.reports import Version
from spark_jobs.database import Document
from spark_jobs.due_scopes import DueScope, Scope
from spark_jobs.merchants import Editions, Merchant
from spark_jobs.report_documents import Report, body, day_of, identity, is_not_newer
from spark_jobs.restatements import ClosedDays, replace_closed

_CHUNK = 5_000
_DUPLICATE_KEY, _PATH_NOT_VIABLE = 11_000, 28
_REFUSALS = (_DUPLICATE_KEY, _PATH_NOT_VIABLE)


def write_reports(
    database: Database[Document],
    reports: Iterable[Report],
    editions: Editions,
    due: Iterable[DueScope] = (),
) -> list[Touched]:
    """Writes every report whose stored one is not newer; returns the ids of their documents by merchant,
    but for those that no reader sees yet.

    What changes in closed days is kept: see spark_jobs/restatements.py. Scopes that are not among `due` are taken as open.
    """
    touched: dict[str, set[str]] = {}
    closed = ClosedDays.of(due, editions)
    for chunk in chunks(reports, _CHUNK):
        for report in chunk:
            merchant = editions[report.scope.edition]
            if not merchant.is_next:
                touched.setdefault(merchant.id, set()).add(identity(report, merchant)["_id"])
        of_closed = [report for report in chunk if closed.hold(report)]
        damaged = replace_closed(database, of_closed, closed, partial(_refused_places, database))
        plain = [*(report for report in chunk if not closed.hold(report)), *damaged]
        _write_unless_newer(database, [_write(report, editions[report.scope.edition]) for report in plain])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


@dataclass(frozen=True, slots=True)
class _Write:
    """One report into its document; `prefix` is where its scope stands there, empty or ending with a dot."""

    id: str
    prefix: str
    version: Version
    update: Document

    def unless_newer(self) -> UpdateOne:
        """Replaces what is absent, unreadable, or of this version at most; the settings version is part of the `_id`."""
        return UpdateOne({"_id": self.id, **is_not_newer(self.prefix, self.version)}, self.update, upsert=True)

    def over_damage(self) -> UpdateOne:
        """Replaces what only looks newer: its version is not the one that its receipt names."""
        agrees = []
        for name in ("epoch", "sequence"):
            version, receipt = f"${self.prefix}version.{name}", f"${self.prefix}receipt.{name}"
            agrees += [{"$in": [{"$type": version}, ["int", "long"]]}, {"$eq": [version, receipt]}]
        return UpdateOne({"_id": self.id, "$expr": {"$not": {"$and": agrees}}}, self.update)


def _write(report: Report, merchant: Merchant) -> _Write:
    head = identity(report, merchant)
    id_ = head.pop("_id")
    if report.scope.group == DueGroup.DAY:
        return _Write(id_, "", report.version, {"$set": head | body(report)})
    place = f"hours.{report.scope.key}"
    return _Write(id_, f"{place}.", report.version, {"$set": head | {place: body(report)}})


def _write_unless_newer(database: Database[Document], writes: Sequence[_Write]) -> None:
    """An upsert whose filter misses because the stored report is newer ends as a duplicate key: it has lost.

    Two writers that create one document at the same time see the same error; a second try tells them apart. What lost
    against a damaged version has not lost.
    """
    refused = _refused(database, writes) if writes else []
    if refused:
        _remove_damaged_hours(database, refused)
        refused = _refused(database, refused)
    if refused:
        database[Collection.REPORTS].bulk_write([write.over_damage() for write in refused], ordered=False)


def _refused(database: Database[Document], writes: Sequence[_Write]) -> list[_Write]:
    return [writes[place] for place in _refused_places(database, [write.unless_newer() for write in writes])]


def _refused_places(database: Database[Document], updates: Sequence[UpdateOne]) -> list[int]:
    """Of the updates that met a duplicate key, or hours that are no object; every other error is raised."""
    try:
        database[Collection.REPORTS].bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        errors = details.get("writeErrors", [])
        if details.get("writeConcernErrors") or any(one["code"] not in _REFUSALS for one in errors):
            raise
        return [one["index"] for one in errors]
    return []


def _remove_damaged_hours(database: Database[Document], writes: Sequence[_Write]) -> None:
    """Nothing can be written into `hours` that are no object, and nobody can read them."""
    ids = sorted({write.id for write in writes})
    is_no_object = {"$not": {"$in": [{"$type": "$hours"}, ["object", "missing"]]}}
    query = {"_id": {"$in": ids}, "$expr": is_no_object}
    database[Collection.REPORTS].update_many(query, {"$unset": {"hours": ""}})


def list_on_calendar(database: Database[Document], scopes: Iterable[Scope], editions: Editions) -> None:
    """Adds hour scopes to their editions' months, before their reports exist."""
    months: dict[tuple[str, str], dict[str, list[str]]] = {}
    for scope in scopes:
        day = day_of(scope, editions[scope.edition])
        days = months.setdefault((scope.edition, f"{day:%Y-%m}"), {})
        days.setdefault(f"days.{day:%d}", []).append(scope.key)
    writes = [
        UpdateOne(
            {"_id": f"{edition}/{month}"},
            {
                "$set": {"merchant": merchant_of(edition), "month": month},
                "$addToSet": {day: {"$each": sorted(keys)} for day, keys in days.items()},
            },
            upsert=True,
        )
        for (edition, month), days in months.items()
    ]
    if writes:
        database[Collection.CALENDAR].bulk_write(writes, ordered=False)
