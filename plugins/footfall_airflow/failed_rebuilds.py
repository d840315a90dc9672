"""Reports that could not be rebuilt: each is a broken promise until it was."""

from pymongo.database import Database

from contracts.names import Collection
from contracts.promises import CheckName, PromiseState
from contracts.tickets import TicketFailure, TicketState
from footfall_airflow.database import Document
from footfall_airflow.promises import Look

MOST = 5_000


def look_at_rebuilds(database: Database[Document]) -> dict[str, Look]:
    """Looks by ticket: of those that failed, and of those whose promise was broken before."""
    promises, tickets = database[Collection.PROMISES], database[Collection.TICKETS]
    open_ = promises.find({"check": CheckName.REBUILDS, "state": PromiseState.BROKEN}, {"subject": 1}).limit(MOST)
    looks = {promise["subject"]: Look() for promise in open_}
    failed = {"state": TicketState.FAILED, "failure": TicketFailure.ATTEMPTS}
    for ticket in tickets.find(failed).sort("changed_at", -1).limit(MOST):
        looks[ticket["_id"]] = Look(PromiseState.BROKEN, _sentence(ticket))
    return looks


def _sentence(ticket: Document) -> str:
    what = "day's report" if ticket["scopes"] == [ticket["day"]] else f"hours {', '.join(ticket['scopes'])}"
    return (
        f"Reports of {ticket['merchant']}, {ticket['day']}, {what}: not rebuilt after {ticket['attempts']} attempts. "
        "See the log of rebuild_reports, then ask for the day again in the shop's settings."
    )
