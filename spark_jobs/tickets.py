"""The job's side of tickets: running, then ready or failed. Every change is conditional, so it may come twice."""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pymongo.database import Database

from contracts.names import Collection
from contracts.tickets import MOST_ATTEMPTS, TicketFailure, TicketState, ticket_id
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import day_of

_OPEN = [TicketState.REQUESTED, TicketState.RUNNING]
log = logging.getLogger("footfall.job")


def tickets_of(scopes: Iterable[Scope], editions: Mapping[str, Merchant]) -> dict[str, set[Scope]]:
    """The scopes by the id of their ticket, whether there is one or not."""
    found: dict[str, set[Scope]] = {}
    for scope in scopes:
        merchant = editions[scope.edition]
        day = day_of(scope, merchant).isoformat()
        found.setdefault(ticket_id(merchant.id, merchant.settings_version, scope.group, day), set()).add(scope)
    return found


def start(database: Database[Document], ids: Iterable[str]) -> set[str]:
    """Open tickets are running, one attempt more; those that have had their attempts fail, and are returned."""
    wanted = sorted(ids)
    spent = {"_id": {"$in": wanted}, "state": {"$in": _OPEN}, "attempts": {"$gte": MOST_ATTEMPTS}}
    failed = {ticket["_id"] for ticket in database[Collection.TICKETS].find(spent, {"_id": 1})}
    fail(database, failed, TicketFailure.ATTEMPTS)
    now = datetime.now(UTC)
    change = {"state": TicketState.RUNNING, "running_at": now, "changed_at": now}
    running = {"_id": {"$in": sorted(set(wanted) - failed)}, "state": {"$in": _OPEN}}
    database[Collection.TICKETS].update_many(running, {"$set": change, "$inc": {"attempts": 1}})
    return failed


def finish(database: Database[Document], ids: Iterable[str]) -> None:
    """The reports read whole: whatever the tickets said, they are ready."""
    now = datetime.now(UTC)
    done = {"_id": {"$in": sorted(ids)}, "state": {"$ne": TicketState.READY}}
    change = {"state": TicketState.READY, "failure": None, "ready_at": now, "changed_at": now}
    database[Collection.TICKETS].update_many(done, {"$set": change})


def give_back(database: Database[Document], ids: Iterable[str]) -> None:
    """The attempt did not bring the reports: the next view requests them again, or there were attempts enough."""
    wanted = sorted(ids)
    spent = {"_id": {"$in": wanted}, "state": {"$in": _OPEN}, "attempts": {"$gte": MOST_ATTEMPTS}}
    fail(database, [ticket["_id"] for ticket in database[Collection.TICKETS].find(spent)], TicketFailure.ATTEMPTS)
    left = {"_id": {"$in": wanted}, "state": {"$in": _OPEN}}
    change = {"state": TicketState.REQUESTED, "published_at": None, "changed_at": datetime.now(UTC)}
    database[Collection.TICKETS].update_many(left, {"$set": change})


def fail(database: Database[Document], ids: Iterable[str], why: TicketFailure) -> None:
    """The tickets say so, and a line at ERROR says it to whoever watches."""
    change = {"state": TicketState.FAILED, "failure": why, "changed_at": datetime.now(UTC)}
    for id_ in sorted(ids):
        changed = database[Collection.TICKETS].update_one({"_id": id_, "state": {"$in": _OPEN}}, {"$set": change})
        if changed.modified_count:
            log.error("alert: a report could not be rebuilt: ticket=%s why=%s", id_, why)
