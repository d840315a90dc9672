"""The restored ledger: what it says, and one transaction that brings it into step with the archive."""

from collections.abc import Sequence
from datetime import UTC, datetime

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient
from pymongo import InsertOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from contracts.ledger import DONE, FINAL
from contracts.names import BatchState, Collection, DagId, Topic
from contracts.restores import RESTORE, next_number
from contracts.settings import Settings
from spark_jobs.archive import Snapshot
from spark_jobs.catch_up_with_archive.archived import ArchivedBatch
from spark_jobs.catch_up_with_archive.booking import Booking, Known, book
from spark_jobs.database import Document
from spark_jobs.failures import StaleAttempt

_BROKER_SECONDS = 10.0
_STILL_TO_READ = [{"state": {"$nin": list(FINAL)}}, {"state": BatchState.SET_ASIDE, "halved_at": None}]


def reconcile(
    database: Database[Document], settings: Settings, batches: Sequence[ArchivedBatch], snapshot: Snapshot
) -> Booking:
    """Everything at once or nothing; answers what was written."""
    known = _known(database, settings)
    number = next_number(_greatest(database, batches))
    booking = book(known, batches, snapshot, number, datetime.now(UTC))
    last = max([number, *(entry["_id"] for entry in booking.new)])
    with database.client.start_session() as session:
        session.with_transaction(lambda session: _write(database, booking, last, session))
    return booking


def _known(database: Database[Document], settings: Settings) -> Known:
    entries = database[Collection.BATCHES]
    newest = entries.find_one({"topic": Topic.EVENTS}, sort=[("_id", -1)])
    done = entries.find_one({"topic": Topic.EVENTS, "state": {"$in": list(DONE)}}, sort=[("_id", -1)])
    open_ = list(entries.find({"dag": DagId.PROCESS_EVENTS, "$or": _STILL_TO_READ}).sort("_id", 1))
    topic_id = newest["topic_id"] if newest else _topic_id(settings)
    return Known(topic_id, newest, done["watermark"] if done else None, open_)


def _topic_id(settings: Settings) -> str:
    """Kafka's own id of the topic; for a ledger that knows none."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    asked = admin.describe_topics(TopicCollection([str(Topic.EVENTS)]), request_timeout=_BROKER_SECONDS)
    return str(asked[str(Topic.EVENTS)].result(_BROKER_SECONDS).topic_id)


def _greatest(database: Database[Document], batches: Sequence[ArchivedBatch]) -> int:
    """The greatest number of a batch that is known to have been given."""
    counter = database[Collection.COUNTERS].find_one({"_id": "batches"})
    newest = database[Collection.BATCHES].find_one({"_id": {"$type": "number"}}, {"_id": 1}, sort=[("_id", -1)])
    return max([counter["value"] if counter else 0, newest["_id"] if newest else 0, *(one.id for one in batches)])


def _write(database: Database[Document], booking: Booking, last: int, session: ClientSession) -> None:
    changes = [UpdateOne({"_id": id_}, {"$set": change}) for id_, change in booking.changes.items()]
    new = [InsertOne(entry) for entry in booking.new]
    writes: list[InsertOne[Document] | UpdateOne] = [*changes, *new]
    if writes:
        database[Collection.BATCHES].bulk_write(writes, session=session)
    held = {"holder": {"$in": list(booking.changes)}}
    database[Collection.DUE_SCOPES].update_many(held, {"$set": {"holder": None}}, session=session)
    counter = {"$max": {"value": last}}
    database[Collection.COUNTERS].update_one({"_id": "batches"}, counter, upsert=True, session=session)
    not_yet = {"_id": RESTORE, "is_booked": {"$ne": True}}
    if (
        not database[Collection.BACKUPS]
        .update_one(not_yet, {"$set": {"is_booked": True}}, session=session)
        .matched_count
    ):
        raise StaleAttempt("Another attempt has brought the ledger into step with the archive: this one stops.")
