"""Replaces reports of closed days, and keeps what changed in `restatements`: exactly once, however often a job dies.

A replacement stands only on the report that was read (its checksum is in the filter), and carries its restatement in the
same write, as the scope's `restated`. From there it is put into the collection. A job that died between the two finds it in
the report when it reads it again, so nothing is kept that did not happen, and nothing that happened is missed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from contracts.names import Collection, DueGroup
from contracts.reports import report_checksum
from contracts.restatements import MOST_NUMBERS, Restatement, changed_numbers, reasons_for, restatement_id
from contracts.zones import day_bounds
from spark_jobs.database import Document
from spark_jobs.due_scopes import DueScope, Scope
from spark_jobs.failures import TransientError
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import Report, body, day_of, identity, is_not_newer

_ROUNDS = 5
_READ = ("content", "checksum", "version", "receipt", "restated")
Write = Callable[[Sequence[UpdateOne]], list[int]]
"""Writes, and answers the places of those whose filter did not fit."""


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Which of the due scopes lie in a closed day, and what made them due."""

    due: Mapping[Scope, DueScope]
    editions: Mapping[str, Merchant]

    @classmethod
    def of(cls, due: Iterable[DueScope], editions: Mapping[str, Merchant]) -> "ClosedDays":
        return cls({one.scope: one for one in due}, editions)

    def hold(self, report: Report) -> bool:
        """The platform had said "complete until" behind the day's end before the scope became due; what no
        reader has seen yet is open."""
        one, merchant = self.due.get(report.scope), self.editions[report.scope.edition]
        if one is None or one.complete_until is None or merchant.is_next:
            return False
        return _end_of(merchant.time_zone, day_of(report.scope, merchant)) <= one.complete_until

    def reasons(self, report: Report) -> list[str]:
        return reasons_for(report.family, self.due[report.scope].causes)


@cache
def _end_of(zone: str, day: date) -> datetime:
    return day_bounds(zone, day)[1]


def replace_closed(
    database: Database[Document], reports: list[Report], closed: ClosedDays, write: Write
) -> list[Report]:
    """Replaces each report whose stored one is not newer. One read and one write for all; again for those that another
    writer changed in between. Answers the reports that it leaves alone, because what stands there is damaged: nothing
    can be said of its numbers. Raises TransientError when it does not end.
    """
    left: list[Report] = reports
    damaged: list[Report] = []
    for _ in range(_ROUNDS):
        if not left:
            return damaged
        stored = _read(database, left, closed.editions)
        keep(database, [one["restated"] for key, one in stored.items() if one and _is_its_own(one, key)])
        damaged += [report for report in left if stored[_key(report)] is None]
        found = [(report, stored[_key(report)]) for report in left]
        older = [(report, one) for report, one in found if one is not None and not _is_newer(one, report)]
        restated = [_restatement(report, one, closed) for report, one in older]
        writes = [_write(report, entry, one, closed) for (report, one), entry in zip(older, restated, strict=True)]
        refused = set(write(writes)) if writes else set()
        keep(database, [entry for place, entry in enumerate(restated) if entry and place not in refused])
        left = [report for place, (report, _) in enumerate(older) if place in refused]
    raise TransientError(f"{len(left)} reports were changed again and again by others: the batch is tried again.")


def keep(database: Database[Document], restated: Sequence[Mapping[str, Any]]) -> None:
    """Puts restatements into the collection, those that stand there already left as they are."""
    writes = [UpdateOne({"_id": one["_id"]}, {"$setOnInsert": _without_id(one)}, upsert=True) for one in restated]
    if writes:
        database[Collection.RESTATEMENTS].bulk_write(writes, ordered=False)


def _is_its_own(stored: Document, key: "_Key") -> bool:
    """Whether what stands beside the content tells how that came about; anything else is damage, and not kept."""
    found, (scope, family) = stored.get("restated"), key
    if not isinstance(found, dict) or not isinstance(found.get("_id"), str):
        return False
    named = [found.get(name) for name in ("merchant", "family", "scope", "after_checksum")]
    return named == [scope.merchant, family, scope.key, stored.get("checksum")]


def _without_id(restated: Mapping[str, Any]) -> Document:
    return {name: value for name, value in restated.items() if name != "_id"}


_Key = tuple[Scope, str]


def _key(report: Report) -> _Key:
    return report.scope, str(report.family)


def _read(
    database: Database[Document], reports: Sequence[Report], editions: Mapping[str, Merchant]
) -> dict[_Key, Document | None]:
    """What stands of each scope, empty where nothing does; None where it is damaged so that its version says nothing."""
    places = {_key(report): _place(report) for report in reports}
    ids = {_key(report): identity(report, editions[report.scope.edition])["_id"] for report in reports}
    fields: Document = {f"{prefix}{name}": 1 for prefix in set(places.values()) for name in _READ}
    fields["kind_of_hours"] = {"$type": "$hours"}
    query = {"_id": {"$in": sorted(set(ids.values()))}}
    documents = {found["_id"]: found for found in database[Collection.REPORTS].find(query, fields)}
    return {key: _scope_of(documents.get(ids[key]), key[0]) for key in places}


def _place(report: Report) -> str:
    return "" if report.scope.group == DueGroup.DAY else f"hours.{report.scope.key}."


def _scope_of(document: Document | None, scope: Scope) -> Document | None:
    found: Any = document or {}
    if scope.group == DueGroup.HOUR:
        if found.get("kind_of_hours", "missing") not in ("object", "missing"):
            return None
        found = found.get("hours", {}).get(scope.key, {})
    if not isinstance(found, dict):
        return {}
    is_contradicted = _version(found) is not None and _version(found) != _numbers(found.get("receipt"))
    return None if is_contradicted else found


def _is_newer(stored: Document, report: Report) -> bool:
    version = _version(stored)
    return version is not None and version > (report.version["epoch"], report.version["sequence"])


def _version(stored: Document) -> tuple[int, int] | None:
    return _numbers(stored.get("version"))


def _numbers(found: Any) -> tuple[int, int] | None:
    numbers = [found.get(name) for name in ("epoch", "sequence")] if isinstance(found, dict) else []
    known = [int(number) for number in numbers if isinstance(number, int | float)]
    return (known[0], known[1]) if len(known) == 2 else None


def _restatement(report: Report, stored: Document, closed: ClosedDays) -> Restatement | None:
    """None where nothing believable stood there, or no number changes."""
    content, version = stored.get("content"), _version(stored)
    if version is None or not isinstance(content, dict) or stored.get("checksum") == report.checksum:
        return None
    scope, family = report.scope, report.family
    if report_checksum(scope.merchant, family, scope.key, content) != stored.get("checksum"):
        return None
    head = identity(report, closed.editions[scope.edition])
    changed = changed_numbers(content, report.content)
    if not changed:
        return None
    reasons = closed.reasons(report)
    return Restatement(
        _id=restatement_id(head["_id"], scope.key, stored["version"], report.checksum),
        merchant=scope.merchant,
        settings_version=head["settings_version"],
        family=str(family),
        scope=scope.key,
        day=head["day"],
        changed=changed[:MOST_NUMBERS],
        more=len(changed[MOST_NUMBERS:]),
        why=reasons[0],
        reasons=reasons,
        before_checksum=stored["checksum"],
        after_checksum=report.checksum,
        batch=report.receipt["batch"],
        run=report.receipt["run"],
        at=datetime.now(UTC),
    )


def _write(report: Report, restated: Restatement | None, stored: Document, closed: ClosedDays) -> UpdateOne:
    """Fits only the numbers that were read; `restated` stands beside the content that it led to."""
    head, place = identity(report, closed.editions[report.scope.edition]), _place(report)
    is_same = {f"{place}checksum": _same(stored.get("checksum"))}
    query = {"_id": head.pop("_id"), **is_same, **is_not_newer(place, report.version)}
    content = body(report) | ({"restated": restated} if restated else {})
    if report.scope.group == DueGroup.HOUR:
        return UpdateOne(query, {"$set": head | {place.removesuffix("."): content}}, upsert=True)
    change: Document = {"$set": head | content}
    if not restated:
        change["$unset"] = {"restated": ""}
    return UpdateOne(query, change, upsert=True)


def _same(checksum: Any) -> Document:
    return {"$eq": checksum} if isinstance(checksum, str) else {"$not": {"$type": "string"}}
