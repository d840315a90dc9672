"""A Spark program: an archive and a ledger as many batches leave them, without the messages that they were made of.

The oldest batches stand as upkeep leaves them, an hour in one file; the newest were written one after the other, each with
its own files, manifest and snapshot, as many as `FOOTFALL_ARCHIVE_SMALL_FILES` lets wait.
"""

import argparse
from datetime import UTC, datetime, timedelta

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.archive import COLUMNS, TABLE, TimeSource
from contracts.completeness import check_contracts
from contracts.names import BatchState, Collection, DagId, Outcome, Topic
from spark_jobs.archive import create_archive, write_batch
from spark_jobs.database import Document, open_database
from spark_jobs.maintain_archive.compacting import in_order
from spark_jobs.session import open_session

ROWS_A_BATCH, SECONDS_APART = 20, 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, required=True)
    parser.add_argument("--merchant", required=True)
    parser.add_argument("--until", type=datetime.fromisoformat, required=True, help="event time of the newest")
    options = parser.parse_args()
    settings = check_contracts()
    spark, database = open_session("fill-archive", settings), open_database(settings)
    create_archive(spark)
    fill(spark, database, options.batches, settings.archive_small_files, options.merchant, options.until)
    spark.stop()


def fill(
    spark: SparkSession, database: Database[Document], batches: int, small_files: int, merchant: str, until: datetime
) -> None:
    """One file more than `small_files` is not compacted, so that the next round of upkeep has them to compact."""
    first, newest = _book(database, batches, until.replace(minute=0, second=0))
    recent = newest - small_files
    begin = until - timedelta(seconds=batches * SECONDS_APART)
    old = _rows(spark, first, recent, first, begin, merchant)
    in_order(old, 1).writeTo(TABLE).options(**{"fanout-enabled": "true"}).append()
    for batch in range(recent, newest + 1):
        rows = _rows(spark, batch, batch + 1, first, begin, merchant)
        write_batch(rows, batch, ROWS_A_BATCH, is_first_attempt=True)
    compacted = {"_id": {"$gte": first, "$lt": recent}}
    database[Collection.BATCHES].update_many(compacted, {"$set": {"compacted_at": datetime.now(UTC)}})


def _book(database: Database[Document], count: int, hour: datetime) -> tuple[int, int]:
    """Announced entries that follow the newest one, from which they have everything else; answers the first and the last."""
    batches = database[Collection.BATCHES]
    last = batches.find_one({"topic": Topic.EVENTS}, sort=[("_id", -1)])
    if last is None or last["dag"] != DagId.PROCESS_EVENTS:
        raise RuntimeError("There is no batch yet that the others could follow.")
    counter = database[Collection.COUNTERS].find_one_and_update({"_id": "batches"}, {"$inc": {"value": count}})
    assert counter is not None
    first = int(counter["value"]) + 1
    own = {"state": BatchState.ANNOUNCED, "ranges": {}, "messages": ROWS_A_BATCH, "hours": [hour]}
    own |= {"counts": {"messages": ROWS_A_BATCH}}
    ids = range(first, first + count)
    previous = [last["_id"], *ids]
    batches.insert_many(
        last | own | {"_id": id_, "previous": before, "runs": [f"filled-{id_}"], "touched": []}
        for id_, before in zip(ids, previous, strict=False)
    )
    return first, first + count - 1


def _rows(spark: SparkSession, start: int, end: int, first: int, begin: datetime, merchant: str) -> DataFrame:
    numbers = spark.range(start * ROWS_A_BATCH, end * ROWS_A_BATCH)
    batch = F.floor(F.col("id") / ROWS_A_BATCH)
    seconds = F.lit(int(begin.timestamp())) + (batch - first) * SECONDS_APART
    at = F.timestamp_seconds(seconds)
    name = F.concat(F.lit("filled-"), F.col("id").cast("string"))
    known = {
        "batch": batch,
        "partition": F.lit(0),
        "offset": F.col("id"),
        "kafka_time": at,
        "envelope_id": name,
        "merchant": F.lit(merchant),
        "received_at": at,
        "client_time": at,
        "event_time": at,
        "time_source": F.lit(TimeSource.CLIENT),
        "outcome": F.lit(str(Outcome.ACCEPTED)),
        "is_bot": F.lit(False),
        "is_returned": F.lit(False),
        "is_cookieless": F.lit(False),
        "type": F.lit("page"),
        "message_id": name,
        "anonymous_id": F.concat(F.lit("v"), (F.col("id") % 500).cast("string")),
        "original": F.encode(F.lit("{}"), "utf-8"),
    }
    return numbers.select(*[known.get(column, F.lit(None)).cast(kind).alias(column) for column, kind in COLUMNS])


if __name__ == "__main__":
    main()
