"""Changed numbers: a report of a closed day whose content changed. Arithmetic alone; one document each in `restatements`.

A day is closed for a report once the platform said that everything up to the day's end was in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from contracts.reports import Family, Version

MOST_NUMBERS = 200
_ANOTHER_CUT = ("by_currency", "lateness")
"""Parts of a content that hold the same messages or amounts once more."""


class Why(StrEnum):
    """Why numbers changed; where several apply, the first of this order is named first.

    forgotten: a person was forgotten. rebuild: computed anew, by a replay, a rebuild, or other rules or rates. repaired: repaired messages came back. late:
    messages arrived after the day was closed. refund: a refund, cancellation or update of a later day changed an order.
    """

    FORGOTTEN = "forgotten"
    REBUILD = "rebuild"
    REPAIRED = "repaired"
    LATE = "late"
    REFUND = "refund"


class Changed(TypedDict):
    """`measure` is the number's path in the content, such as `converted.sales`; a number that was absent is 0."""

    measure: str
    before: int
    after: int


class Restatement(TypedDict):
    """`_id` is made of the report's id, scope, the version it had and the checksum it got: the same however often it is
    written. `reasons` in their order of precedence; `more`: numbers that changed beside the first 200.
    """

    _id: str
    merchant: str
    settings_version: int
    family: str
    scope: str
    day: str
    changed: list[Changed]
    more: int
    why: str
    reasons: list[str]
    before_checksum: str
    after_checksum: str
    batch: int | None
    run: str
    at: datetime


def restatement_id(report: str, scope: str, before: Version, after_checksum: str) -> str:
    return f"{report}/{scope}/{before['epoch']}.{before['sequence']}/{after_checksum[:16]}"


def reasons_for(family: Family, causes: Iterable[str]) -> list[str]:
    """Of what made the scope due, what can change this family; nothing of it means that it was computed anew."""
    found = set(causes)
    if family in (Family.TRAFFIC, Family.QUALITY):
        found.discard(Why.REFUND)
    return [str(why) for why in Why if why in found] or [str(Why.REBUILD)]


def changed_numbers(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """Every number that differs, by its path, those near the top of the content first."""
    old, new = dict(_numbers(before, ())), dict(_numbers(after, ()))
    paths = sorted((path for path in old.keys() | new.keys() if old.get(path, 0) != new.get(path, 0)), key=_depth)
    return [Changed(measure=".".join(path), before=old.get(path, 0), after=new.get(path, 0)) for path in paths]


def _depth(path: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return len(path), path


def _numbers(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Rows of a table are known by their key, other members of a list have no name and are left out."""
    if isinstance(content, bool):
        return
    if isinstance(content, int):
        yield path, content
    elif isinstance(content, Mapping):
        for name, part in content.items():
            if name not in _ANOTHER_CUT:
                yield from _numbers(part, (*path, str(name)))
    elif isinstance(content, list):
        for row in content:
            if isinstance(row, Mapping) and "key" in row:
                yield from _numbers(row, (*path, str(row["key"])))
