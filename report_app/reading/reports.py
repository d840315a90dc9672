"""Report documents, read by id and believed only when their checksum, schema and owner fit.

A scope that has no believable document is never a number: it is zero where nothing can exist, else it says its state.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from pymongo.database import Database

from contracts.names import Collection, DueGroup
from contracts.reports import Family, Receipt, report_id
from contracts.soundness import is_of, is_sound
from contracts.zones import day_bounds
from report_app.reading.calendar import hours_on_calendar
from report_app.reading.due import open_scopes
from report_app.reading.hours import Hour
from report_app.reading.merchants import Merchant
from report_app.reading.sketch_bytes import readable_sketch
from report_app.reading.tickets import failed_scopes
from report_app.standing_in.choosing import stands_in

Document = dict[str, Any]
log = logging.getLogger("report_app.reading")


class State(StrEnum):
    READ = "read"
    EMPTY = "empty"
    COMPUTING = "computing"
    AGAIN = "computing_again"
    FAILED = "failed"
    FROZEN = "frozen"
    NOT_IN_BACKUP = "not_in_backup"


SENTENCES = {
    State.COMPUTING: "This number is being computed.",
    State.AGAIN: "This number is being computed again.",
    State.FAILED: "This number could not be computed again.",
    State.FROZEN: "This number is not there: the shop's settings changed after the messages of these days were deleted.",
    State.NOT_IN_BACKUP: "This number is not in the backup. It is computed when the main database is back.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One scope of one family: its content when `state` is read, nothing when empty, no number otherwise.

    `is_missing`: where there is no number, there is no report either.
    """

    scope: str
    state: State
    content: Document | None = None
    receipt: Receipt | None = None
    sketch: bytes | None = None
    is_missing: bool = False

    @property
    def is_number(self) -> bool:
        return self.state in (State.READ, State.EMPTY)


def read_hours(
    database: Database[Document], merchant: Merchant, families: Sequence[Family], hours: Iterable[Hour]
) -> dict[Family, dict[str, Part]]:
    """Parts by family and hour key, one for each of `hours`."""
    by_day: dict[date, set[str]] = {}
    for hour in hours:
        by_day.setdefault(hour.day, set()).add(hour.key)
    calendar = hours_on_calendar(database, merchant.edition, by_day)
    documents = _documents(database, merchant, families, by_day)
    parts: dict[Family, dict[str, Part]] = {family: {} for family in families}
    for family in families:
        for day, keys in by_day.items():
            stored = documents.get(report_id(merchant.id, merchant.settings_version, family, day.isoformat()))
            for key in keys:
                found = _hour_of(stored, key) if _is_ours(stored, merchant, family, day.isoformat()) else None
                claims = stored is not None and _claims(stored, key)
                is_expected = (found is None and claims) or key in calendar.get(day, ())
                part = _part(merchant, family, key, found, is_expected, is_missing=not claims)
                parts[family][key] = _frozen(merchant, day, part)
    return {family: _with_reasons(database, merchant, DueGroup.HOUR, found) for family, found in parts.items()}


def read_days(
    database: Database[Document], merchant: Merchant, family: Family, days: Sequence[date]
) -> dict[str, Part]:
    """Parts of a day family by local date (ISO), one for each of `days`."""
    calendar = hours_on_calendar(database, merchant.edition, days)
    documents = _documents(database, merchant, [family], days)
    parts = {}
    for day in days:
        text = day.isoformat()
        stored = documents.get(report_id(merchant.id, merchant.settings_version, family, text))
        found = stored if _is_ours(stored, merchant, family, text) else None
        is_expected = day in calendar or stored is not None
        part = _part(merchant, family, text, found, is_expected, is_missing=stored is None)
        parts[text] = _frozen(merchant, day, part)
    return _with_reasons(database, merchant, DueGroup.DAY, parts)


def _documents(
    database: Database[Document], merchant: Merchant, families: Iterable[Family], days: Iterable[date]
) -> dict[str, Document]:
    wanted = list(days)
    ids = [
        report_id(merchant.id, merchant.settings_version, family, day.isoformat())
        for family in families
        for day in wanted
    ]
    found = database[Collection.REPORTS].find({"_id": {"$in": ids}})
    return {document["_id"]: document for document in found}


def _is_ours(document: Document | None, merchant: Merchant, family: Family, day: str) -> bool:
    return is_of(document, merchant.id, merchant.settings_version, family, day)


def _claims(document: Document, key: str) -> bool:
    """A document that is not readable as ours still proves that something was computed."""
    hours = document.get("hours")
    return not isinstance(hours, dict) or key in hours


def _hour_of(document: Document | None, key: str) -> Document | None:
    hours = document.get("hours") if document else None
    found = hours.get(key) if isinstance(hours, dict) else None
    return found if isinstance(found, dict) else None


def _part(
    merchant: Merchant, family: Family, scope: str, found: Document | None, is_expected: bool, is_missing: bool
) -> Part:
    if found is None:
        return Part(scope, State.AGAIN, is_missing=is_missing) if is_expected else Part(scope, State.EMPTY)
    if not is_sound(merchant.id, family, scope, found) or not _has_sketch(family, found):
        log.warning("damaged report: merchant=%s family=%s scope=%s", merchant.id, family, scope)
        return Part(scope, State.AGAIN)
    return Part(scope, State.READ, found["content"], found["receipt"], _sketch_of(found))


def _frozen(merchant: Merchant, day: date, part: Part) -> Part:
    """Without a report a frozen day is not known to be empty, and nothing can compute it."""
    if part.state is State.READ or merchant.reports_from is None:
        return part
    is_before = day_bounds(merchant.zone, day)[0] < merchant.reports_from
    return Part(part.scope, State.FROZEN) if is_before else part


def _has_sketch(family: Family, found: Document) -> bool:
    """Visitors of several hours are united from sketches, so an hour without a readable one is damaged."""
    visitors = found["content"]["visitors"] if family is Family.TRAFFIC else 0
    return not visitors or readable_sketch(_sketch_of(found), visitors) is not None


def _sketch_of(found: Document) -> bytes | None:
    extra = found.get("extra")
    sketch = extra.get("sketch") if isinstance(extra, dict) else None
    return sketch if isinstance(sketch, bytes) else None


def _with_reasons(
    database: Database[Document], merchant: Merchant, group: DueGroup, parts: dict[str, Part]
) -> dict[str, Part]:
    """Where there is no number: the scope is due and the platform is at it, or its ticket has failed. Nobody is at a backup."""
    missing = [scope for scope, part in parts.items() if not part.is_number]
    if stands_in(database):
        absent = {scope for scope in missing if parts[scope].state is not State.FROZEN}
        return parts | {scope: replace(parts[scope], state=State.NOT_IN_BACKUP) for scope in absent}
    due = open_scopes(database, merchant.edition, group, missing)
    failed = failed_scopes(database, merchant, group, set(missing) - due)
    reasons = dict.fromkeys(due, State.COMPUTING) | dict.fromkeys(failed, State.FAILED)
    return parts | {scope: replace(parts[scope], state=state) for scope, state in reasons.items()}
