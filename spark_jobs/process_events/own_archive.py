"""A ledger that begins anew beside an archive of batches that it never planned: the database was lost."""

from pyspark.sql import functions as F

from contracts.names import Collection
from spark_jobs.archive import current_snapshot, read_at
from spark_jobs.failures import TransientError
from spark_jobs.process_events.batch import Batch


def require_own_archive(batch: Batch) -> None:
    """Raises TransientError before a topic's first batch writes, where the archive holds a batch that the ledger does not know.

    Such a ledger gives the numbers of batches a second time, and a second attempt replaces the rows of its number. The range
    is kept: once the database is restored, the batch goes on or does not exist.
    """
    snapshot = current_snapshot(batch.spark)
    if batch.entry.document.get("previous") != 0 or snapshot is None:
        return
    others = read_at(batch.spark, snapshot).where(F.col("batch") != batch.id)
    newest = others.agg(F.max("batch").alias("batch")).first()
    if newest is None or newest["batch"] is None:
        return
    if batch.database[Collection.BATCHES].find_one({"_id": newest["batch"]}, {"_id": 1}) is None:
        raise TransientError(
            f"The archive holds batch {newest['batch']}, and the ledger does not know it: the database was lost, or it is "
            "another archive's. `footfall restore --in-place` brings it back (docs/operations.md); nothing was written."
        )
