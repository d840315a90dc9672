"""The job's side of the collection `rehearsals`: which one is next, and what came of it."""

import logging
from datetime import UTC, datetime
from typing import cast

from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.names import Collection
from contracts.rehearsals import MOST_ATTEMPTS, OPEN, Rehearsal, RehearsalState, Result
from spark_jobs.database import Document

log = logging.getLogger("footfall.job")


def take_next(database: Database[Document]) -> Rehearsal | None:
    """The one that was asked for first is running, one attempt more; None where nobody waits.

    One that is running already was left by an attempt that died: one run at a time works here.
    """
    _fail_spent(database)
    now = datetime.now(UTC)
    found = database[Collection.REHEARSALS].find_one_and_update(
        {"state": {"$in": list(OPEN)}},
        {"$set": {"state": RehearsalState.RUNNING, "changed_at": now}, "$inc": {"attempts": 1}},
        sort=[("asked_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return cast(Rehearsal | None, found)


def finish(database: Database[Document], rehearsal: Rehearsal, result: Result) -> None:
    change = {"state": RehearsalState.READY, "result": result, "changed_at": datetime.now(UTC)}
    database[Collection.REHEARSALS].update_one(
        {"_id": rehearsal["_id"], "state": RehearsalState.RUNNING, "asked_at": rehearsal["asked_at"]}, {"$set": change}
    )


def _fail_spent(database: Database[Document]) -> None:
    """Those that have had their attempts; a line at ERROR says it to whoever watches."""
    spent = {"state": {"$in": list(OPEN)}, "attempts": {"$gte": MOST_ATTEMPTS}}
    change = {"state": RehearsalState.FAILED, "changed_at": datetime.now(UTC)}
    for one in list(database[Collection.REHEARSALS].find(spent, {"_id": 1})):
        changed = database[Collection.REHEARSALS].update_one({"_id": one["_id"], **spent}, {"$set": change})
        if changed.modified_count:
            log.error("alert: a rehearsal failed %d times: rehearsal=%s", MOST_ATTEMPTS, one["_id"])
