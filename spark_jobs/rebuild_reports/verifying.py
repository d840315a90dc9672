"""Reads the reports of scopes back as a reader would: what does not come out whole was not rebuilt."""

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from contracts.names import Collection, DueGroup
from contracts.reports import report_id
from contracts.soundness import is_of, is_sound
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Editions
from spark_jobs.report_documents import day_of, families_of


def unsound_scopes(database: Database[Document], scopes: Iterable[Scope], editions: Editions) -> set[Scope]:
    """Those of `scopes` for which a family's report is missing or cannot be believed."""
    by_day: dict[tuple[str, DueGroup, str], list[Scope]] = {}
    for scope in scopes:
        day = day_of(scope, editions[scope.edition]).isoformat()
        by_day.setdefault((scope.edition, scope.group, day), []).append(scope)
    unsound: set[Scope] = set()
    for (edition, group, day), of_day in sorted(by_day.items()):
        merchant = editions[edition]
        for family in families_of(group):
            id_ = report_id(merchant.id, merchant.settings_version, family, day)
            document = database[Collection.REPORTS].find_one({"_id": id_})
            is_ours = is_of(document, merchant.id, merchant.settings_version, family, day)
            for scope in of_day:
                if not is_ours or not is_sound(merchant.id, family, scope.key, _stored(document, scope)):
                    unsound.add(scope)
    return unsound


def _stored(document: Any, scope: Scope) -> Any:
    if scope.group == DueGroup.DAY:
        return document
    hours = document.get("hours")
    return hours.get(scope.key) if isinstance(hours, dict) else None
