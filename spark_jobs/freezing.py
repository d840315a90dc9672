"""Days that a shop's retention has passed: the archive no longer holds all of them, so that a new number would be wrong."""

from collections.abc import Iterable
from datetime import datetime

from contracts.zones import day_bounds
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Editions
from spark_jobs.report_documents import day_of


def frozen_scopes(scopes: Iterable[Scope], editions: Editions, now: datetime) -> set[Scope]:
    """Those of `scopes` whose day is frozen: their reports stay as they are."""
    limits = {id_: merchant.frozen_before(now) for id_, merchant in editions.items()}
    return {scope for scope in scopes if _begins_before(limits[scope.edition], scope, editions)}


def _begins_before(limit: datetime | None, scope: Scope, editions: Editions) -> bool:
    if limit is None:
        return False
    merchant = editions[scope.edition]
    return day_bounds(merchant.time_zone, day_of(scope, merchant))[0] < limit
