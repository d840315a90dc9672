"""What failed because something was not there yet: looked at again with growing pauses, then left to a person."""

from datetime import datetime

from pymongo.database import Database

from contracts.inbox import FailedStatus
from contracts.names import Collection
from footfall_airflow.database import Document
from footfall_airflow.filing import park, wait
from footfall_airflow.reprocessing import CHUNK, send_copies
from footfall_airflow.sending import Sender
from repairs.copies import Copy
from repairs.failures import failure_of_document
from repairs.replays import replayed


def has_due_retries(database: Database[Document], now: datetime) -> bool:
    return database[Collection.FAILED_EVENTS].find_one(_due(now), {"_id": 1}) is not None


def _due(now: datetime) -> Document:
    return {"next_attempt_at": {"$type": "date", "$lte": now}, "status": FailedStatus.WAITING}


def retry(database: Database[Document], sender: Sender, now: datetime) -> int:
    """Sends again what waited for a shop that exists now; answers how many. Raises Undelivered."""
    sent = 0
    while due := list(database[Collection.FAILED_EVENTS].find(_due(now)).sort("_id", 1).limit(CHUNK)):
        asked = list({document["merchant"] for document in due})
        shops = {shop["_id"] for shop in database[Collection.MERCHANTS].find({"_id": {"$in": asked}}, {"_id": 1})}
        copies = {document["_id"]: _copy(document) for document in due if document["merchant"] in shops}
        send_copies(database, sender, [copy for copy in copies.values() if copy], now)
        park(database, [arrival for arrival, copy in copies.items() if copy is None])
        for tries in {document["tries"] for document in due}:
            absent = [one["_id"] for one in due if one["tries"] == tries and one["_id"] not in copies]
            wait(database, absent, tries + 1, now)
        sent += sum(copy is not None for copy in copies.values())
    return sent


def _copy(document: Document) -> Copy | None:
    """The message as it was; None where its bytes are no message, or are kept in the archive only."""
    return None if document["is_slim"] else replayed(failure_of_document(document), None, None)
