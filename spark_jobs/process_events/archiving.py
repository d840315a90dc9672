"""From a batch's offsets to its rows in the archive."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.sql import DataFrame

from spark_jobs import checkpoints
from spark_jobs.archive import Snapshot, current_snapshot, write_batch
from spark_jobs.checkpoints import checkpoint
from spark_jobs.failures import PermanentError
from spark_jobs.forgotten import read_forgotten
from spark_jobs.merchants import Merchant
from spark_jobs.orders import StoredOrder
from spark_jobs.process_events.batch import Batch
from spark_jobs.process_events.extending import extend
from spark_jobs.process_events.judging import judge
from spark_jobs.process_events.touched import TouchedScopes, touched_scopes


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
    before = current_snapshot(batch.spark)
    extend(batch)
    batch.entry.note_begun()
    kept_out = partial(read_forgotten, batch.database, batch.settings)
    judged = judge(batch.spark, batch.database, batch.messages(), batch.id, batch.topic_id, before, kept_out=kept_out)
    touched = touched_scopes(batch.spark, judged.rows, judged.merchants)
    if judged.forgotten:
        touched.counts["forgotten"] = judged.forgotten
    snapshot = write_rows(batch, judged.rows, touched)
    return Archived(snapshot, touched, judged.merchants, judged.order_rows, judged.stored_orders)


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
