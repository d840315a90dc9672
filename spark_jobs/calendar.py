"""Which scopes have reports at all: those on the calendar, and those whose document stands there without it."""

from collections.abc import Iterable

from pymongo.database import Database

from contracts.chunks import chunks
from contracts.names import Collection, DueGroup
from contracts.reports import report_id
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Editions
from spark_jobs.report_documents import day_of, families_of

_CHUNK = 5_000


def existing_scopes(database: Database[Document], scopes: Iterable[Scope], editions: Editions) -> set[Scope]:
    """Those of `scopes` that are on their editions' calendars, or that a document of their day holds all the same."""
    wanted = set(scopes)
    listed = _listed(database, wanted, editions)
    documents: dict[str, set[Scope]] = {}
    for scope in wanted - listed:
        merchant = editions[scope.edition]
        day = day_of(scope, merchant).isoformat()
        for family in families_of(scope.group):
            documents.setdefault(report_id(merchant.id, merchant.settings_version, family, day), set()).add(scope)
    return listed | {scope for id_, of_document in documents.items() for scope in _held(database, id_, of_document)}


def _held(database: Database[Document], id_: str, scopes: set[Scope]) -> set[Scope]:
    """Those of `scopes` that the document holds: a day by being there, an hour by its key."""
    keys = {f"hours.{scope.key}": 1 for scope in scopes if scope.group == DueGroup.HOUR}
    document = database[Collection.REPORTS].find_one({"_id": id_}, keys or {"_id": 1})
    hours = (document or {}).get("hours")
    found = hours if isinstance(hours, dict) else {}
    return {scope for scope in scopes if document and (scope.group == DueGroup.DAY or scope.key in found)}


def _listed(database: Database[Document], scopes: set[Scope], editions: Editions) -> set[Scope]:
    months = {f"{scope.edition}/{day_of(scope, editions[scope.edition]):%Y-%m}" for scope in scopes}
    found: set[Scope] = set()
    for ids in chunks(months, _CHUNK):
        for month in database[Collection.CALENDAR].find({"_id": {"$in": ids}}):
            edition = month["_id"].split("/")[0]
            for day, keys in month.get("days", {}).items():
                found.add(Scope(edition, DueGroup.DAY, f"{month['month']}-{day}"))
                found |= {Scope(edition, DueGroup.HOUR, key) for key in keys}
    return found & scopes
