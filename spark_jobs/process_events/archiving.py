"""From a batch's offsets to its rows in the archive."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.archive import COLUMNS
from contracts.errors import ErrorCode
from contracts.names import Outcome
from spark_jobs import checkpoints
from spark_jobs.archive import Snapshot, current_snapshot, write_batch
from spark_jobs.assigned_times import resolve
from spark_jobs.checkpoints import checkpoint
from spark_jobs.failures import PermanentError
from spark_jobs.merchants import Merchant, merchants_in, merchants_table
from spark_jobs.orders import StoredOrder, key_of, read_orders, without_room
from spark_jobs.process_events.batch import Batch
from spark_jobs.process_events.touched import TouchedScopes, touched_scopes
from spark_jobs.rules.arrivals import arrivals_of
from spark_jobs.rules.times import with_assigned

ORDER_COLUMNS = (
    "merchant", "envelope_id", "message_id", "event_time", "received_at", "event", "flags", "order", "anonymous_id",
    "user_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Archived:
    """A batch that stands in the archive: what it touched, and its order messages with the orders as they were before."""

    snapshot: Snapshot
    touched: TouchedScopes
    merchants: dict[str, Merchant]
    order_rows: list[dict[str, Any]]
    stored_orders: dict[str, StoredOrder]


def archive_batch(batch: Batch) -> Archived:
    """Reads, judges and writes the batch's messages, instead of what an earlier attempt wrote of them."""
    messages = batch.messages()
    merchants = merchants_in(batch.database, messages)
    table = merchants_table(batch.spark, merchants.values())
    arrivals = arrivals_of(messages, table, batch.id, batch.topic_id).localCheckpoint()
    timed = _with_assigned_times(batch, arrivals)
    order_rows = order_rows_of(timed)
    stored = read_orders(batch.database, [key_of(row) for row in order_rows])
    refused = without_room(stored, order_rows)
    rows = _with_refused(timed, messages, refused) if refused else timed
    touched = touched_scopes(batch.spark, rows, merchants)
    snapshot = write_rows(batch, rows, touched)
    kept = [row for row in order_rows if row["envelope_id"] not in refused]
    return Archived(snapshot, touched, merchants, kept, stored)


def _with_assigned_times(batch: Batch, arrivals: DataFrame) -> DataFrame:
    before = current_snapshot(batch.spark)
    assigned = resolve(batch.spark, batch.database, arrivals, batch.id, before)
    return arrivals if assigned is None else with_assigned(arrivals, assigned)


def order_rows_of(rows: DataFrame) -> list[dict[str, Any]]:
    """The rows that orders are made of."""
    counts = F.col("order").isNotNull() & (F.col("outcome") == Outcome.ACCEPTED) & ~F.col("is_bot")
    found: list[dict[str, Any]] = rows.where(counts).select(*ORDER_COLUMNS).toArrow().to_pylist()
    return found


def _with_refused(rows: DataFrame, messages: DataFrame, refused: set[str]) -> DataFrame:
    """`rows` in which the refused envelope ids are rejected: their orders have no room for more messages."""
    is_refused = F.col("envelope_id").isin(sorted(refused))
    values = messages.select("partition", "offset", F.col("value").alias("whole"))
    joined = rows.join(values, on=["partition", "offset"], how="left")
    replaced = {
        "outcome": F.lit(str(Outcome.REJECTED)),
        "code": F.lit(str(ErrorCode.TOO_MANY_ORDER_EVENTS)),
        "field": F.lit("properties.order_id"),
        "order": F.lit(None),
        "envelope": F.col("whole"),
    }
    columns = [
        F.when(is_refused, replaced[name].cast(kind)).otherwise(F.col(name)).alias(name)
        if name in replaced
        else F.col(name)
        for name, kind in COLUMNS
    ]
    return joined.select(*columns)


def write_rows(batch: Batch, rows: DataFrame, touched: TouchedScopes) -> Snapshot:
    """Makes the rows the batch's, and notes it in the ledger."""
    checkpoint(checkpoints.BEFORE_ARCHIVE)
    batch.entry.hold()
    write_batch(rows, batch.id, touched.counts["messages"], is_first_attempt=batch.entry.attempt == 1)
    snapshot = current_snapshot(batch.spark)
    if snapshot is None:
        raise PermanentError("The archive holds nothing although a batch was written to it: check the catalog.")
    batch.entry.note_archived(snapshot, touched.hours, touched.counts)
    return snapshot
