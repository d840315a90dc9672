"""Due scopes: what the platform is about to compute."""

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from contracts.names import Collection, DueGroup


def open_scopes(
    database: Database[dict[str, Any]], edition: str, group: DueGroup, scopes: Iterable[str]
) -> frozenset[str]:
    """Those of `scopes` (hour keys or local dates) that are due in the merchant's edition and not yet computed."""
    ids = [f"{edition}/{group}/{scope}" for scope in scopes]
    if not ids:
        return frozenset()
    found = database[Collection.DUE_SCOPES].find({"_id": {"$in": ids}}, {"scope": 1})
    return frozenset(str(document["scope"]) for document in found)
