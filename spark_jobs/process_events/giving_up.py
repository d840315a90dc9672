"""A batch whose job failed for good: what its attempts wrote is taken back, and nothing of it is lost.

Of many messages the batch is set aside, with a durable copy of its range; it is halved later, until the message that no job
can bear stands alone. That one becomes a rejected row like any other, so that the books balance.
"""

import logging
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.archive import COLUMNS, SCHEMA
from contracts.erasures import FORGOTTEN_VALUE
from contracts.held import blanked
from spark_jobs.archive import Snapshot, current_snapshot, read_at, remove_batch, within
from spark_jobs.due_scopes import make_due
from spark_jobs.failures import PermanentError
from spark_jobs.forgotten import read_forgotten
from spark_jobs.frames import frame
from spark_jobs.merchants import read_merchants
from spark_jobs.orders import OrderChanges, key_of, read_orders, write_orders
from spark_jobs.process_events.archiving import Archived, write_rows
from spark_jobs.process_events.batch import HOUR, Batch
from spark_jobs.process_events.judging import ORDER_COLUMNS, order_rows_of
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.refused_message import refused_row
from spark_jobs.set_aside_copy import records_in_order, write_copy
from spark_jobs.taken_back import taken_back

log = logging.getLogger("footfall.job")


def set_aside(batch: Batch) -> Snapshot | None:
    """Copies the range and takes back what the batch's attempts wrote; the archive afterwards, None while it is empty.

    Safe to run again from any point: the copy is the same, and what is taken back already is not there any more.
    """
    keep_copy(batch)
    take_back(batch)
    batch.entry.hold()
    remove_batch(batch.spark, batch.id)
    log.warning("batch=%d set aside messages=%d", batch.id, batch.entry.document["messages"])
    return current_snapshot(batch.spark)


def keep_copy(batch: Batch) -> None:
    """Of a batch of the topic; a half stands in the copy of the whole already. Forgotten people leave a place in it."""
    document = batch.entry.document
    if "root" in document:
        return
    forgotten = read_forgotten(batch.database, batch.settings)
    records = (blanked(record, forgotten) for record in records_in_order(batch.messages()))
    copy = write_copy(batch.database, batch.id, records)
    if copy["messages"] != document["messages"]:
        raise PermanentError(
            f"Batch {batch.id} has {document['messages']} messages, but {copy['messages']} could be read: the others are "
            "lost unless you restore them; see `footfall ledger accept-loss`."
        )
    batch.entry.note_copied(copy)


def take_back(batch: Batch) -> None:
    """What the batch's attempts changed beside the archive; every scope that had its rows is due, held by the batch.

    The rows themselves still stand: they are what tells which orders and scopes to look at.
    """
    snapshot = current_snapshot(batch.spark)
    if snapshot is None:
        return
    of_batch = read_at(batch.spark, snapshot).where(F.col("batch") == batch.id)
    rows = of_batch.select(*ORDER_COLUMNS, "outcome", "is_bot", "is_returned").localCheckpoint()
    touched = touched_scopes(batch.spark, rows, read_merchants(batch.database))
    changes = _orders_without(batch, snapshot, rows, touched.hours)
    why = f"batch {batch.id} was given up"
    # only an archive without the rows has a higher sequence
    make_due(batch.database, touched.scopes | changes.scopes, snapshot.sequence + 1, batch.id, why)
    batch.entry.hold()
    write_orders(batch.database, changes.changed)


def _orders_without(batch: Batch, snapshot: Snapshot, rows: DataFrame, hours: list[datetime]) -> OrderChanges:
    own = order_rows_of(rows)
    stored = read_orders(batch.database, [key_of(row) for row in own])
    if not own:
        return OrderChanges([], {})
    ranges = [(hour, hour + HOUR) for hour in hours]
    others = read_at(batch.spark, snapshot).where(within("event_time", ranges) & (F.col("batch") != batch.id))
    ids = frame(
        batch.spark, sorted({(row["merchant"], row["message_id"]) for row in own}), "merchant string, message_id string"
    )
    copies = order_rows_of(others.join(F.broadcast(ids), on=["merchant", "message_id"], how="left_semi"))
    return taken_back(stored, own, copies, read_merchants(batch.database, {row["merchant"] for row in own}))


def refuse(batch: Batch) -> Archived:
    """The batch's one message as a rejected row, instead of what its attempts wrote; without a row if its person is forgotten."""
    take_back(batch)
    [record] = records_in_order(batch.messages())
    is_kept = blanked(record, read_forgotten(batch.database, batch.settings)).value != FORGOTTEN_VALUE
    row = refused_row(record, batch.id, batch.topic_id)
    rows = frame(batch.spark, [[row[name] for name, _ in COLUMNS]] if is_kept else [], SCHEMA)
    merchants = read_merchants(batch.database, [row["merchant"]])
    touched = touched_scopes(batch.spark, rows, merchants)
    log.warning("batch=%d refused partition=%d offset=%d", batch.id, record.partition, record.offset)
    return Archived(write_rows(batch, rows, touched), touched, merchants, [], {})
