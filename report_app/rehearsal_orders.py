"""A person asks what a rule would change: written for rehearse_repairs to compute, with a record of who asked and when."""

from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.names import Collection
from contracts.rehearsals import OPEN, Rehearsal, RehearsalState, rehearsal_id
from repairs.shop_rules import ShopRule
from report_app.attempts import counted
from report_app.audit import record
from report_app.reading.freshness import read_freshness
from report_app.reading.inbox import Cause
from report_app.tickets.ordering import QUOTA_WINDOW, QuotaReached

Document = dict[str, Any]


def rehearse(
    database: Database[Document],
    merchant: str,
    cause: Cause,
    rule: ShopRule | None,
    who: str,
    now: datetime,
    quota: int,
) -> Rehearsal:
    """The rehearsal that was asked for, or that waits already: one for a cause and a rule. Raises QuotaReached."""
    asked = _asked(database, merchant, cause, rule, who, now)
    if waiting := database[Collection.REHEARSALS].find_one({"_id": asked["_id"], "state": {"$in": list(OPEN)}}):
        return cast(Rehearsal, waiting)
    if counted(database, f"rehearsals/{merchant}", now, QUOTA_WINDOW) > quota:
        raise QuotaReached("Rehearsals of this shop were asked for")
    record(database, who, merchant, "rehearsal_asked", now, cause=cause.id, rule=asked["rule"], rehearsal=asked["_id"])
    is_over = {"_id": asked["_id"], "state": {"$nin": list(OPEN)}}
    with suppress(DuplicateKeyError):  # somebody else asked the same in this moment: it waits already
        database[Collection.REHEARSALS].replace_one(is_over, cast(Document, asked), upsert=True)
    return asked


def _asked(
    database: Database[Document], merchant: str, cause: Cause, rule: ShopRule | None, who: str, now: datetime
) -> Rehearsal:
    decided = rule.as_document() if rule else None
    return Rehearsal(
        _id=rehearsal_id(cause.id, decided),
        merchant=merchant,
        cause=cause.id,
        rule=decided,
        asked_by=who,
        asked_at=now,
        complete_until=read_freshness(database, now).watermark,
        state=str(RehearsalState.REQUESTED),
        attempts=0,
        result=None,
        changed_at=now,
    )
