"""The durable copy of a failed batch's range: written once and read back, then read by its halves instead of the topic."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bson import Binary
from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.ledger import Copy
from contracts.names import Collection
from contracts.set_aside import CHUNK_BYTES, Record, chunks_of, records_of
from spark_jobs.database import Document
from spark_jobs.failures import PermanentError, TransientError
from spark_jobs.frames import frame
from spark_jobs.sources import MESSAGES


def records_in_order(messages: DataFrame) -> Iterator[Record]:
    """Rows of `spark_jobs.sources.MESSAGES` by partition and offset, a part of them at a time."""
    placed = messages.select("partition", "offset", F.unix_millis("kafka_time").alias("time_ms"), "value")
    for row in placed.orderBy("partition", "offset").toLocalIterator():
        value = None if row["value"] is None else bytes(row["value"])
        yield Record(row["partition"], row["offset"], row["time_ms"], value)


def write_copy(
    database: Database[Document], batch: int, records: Iterable[Record], most_bytes: int = CHUNK_BYTES
) -> Copy:
    """Keeps the records, instead of what an earlier attempt kept, and reads them back; raises TransientError if they differ."""
    tally = _Tally()
    for number, chunk in enumerate(chunks_of(records, most_bytes)):
        document = {
            "_id": f"{batch}/{number}",
            "batch": batch,
            "number": number,
            "messages": chunk.messages,
            "first": list(chunk.first),
            "last": list(chunk.last),
            "sha256": chunk.sha256,
            "body": Binary(chunk.body),
        }
        database[Collection.SET_ASIDE].replace_one({"_id": document["_id"]}, document, upsert=True)
        tally.add(chunk.body, chunk.sha256)
    kept = tally.copy()
    database[Collection.SET_ASIDE].delete_many({"batch": batch, "number": {"$gte": kept["chunks"]}})
    _verify(database, batch, kept)
    return kept


def _verify(database: Database[Document], batch: int, kept: Copy) -> None:
    tally = _Tally()
    for chunk in _chunks(database, batch):
        tally.add(chunk["body"], chunk["sha256"])
    if tally.copy() != kept:
        raise TransientError(f"The copy of batch {batch} is not what was written: {tally.copy()} instead of {kept}.")


class _Tally:
    """Counts and the hash of chunks, in their order."""

    def __init__(self) -> None:
        self._chunks = self._messages = self._bytes = 0
        self._oldest_ms = sys.maxsize
        self._hash = hashlib.sha256()

    def add(self, body: bytes, sha256: str) -> None:
        for record in records_of(body, sha256):
            self._messages += 1
            self._oldest_ms = min(self._oldest_ms, record.time_ms)
        self._chunks += 1
        self._bytes += len(body)
        self._hash.update(body)

    def copy(self) -> Copy:
        return Copy(
            chunks=self._chunks,
            messages=self._messages,
            bytes=self._bytes,
            oldest_ms=self._oldest_ms,
            sha256=self._hash.hexdigest(),
        )


def read_copy(
    spark: SparkSession, database: Database[Document], root: int, ranges: Mapping[str, Sequence[int]], messages: int
) -> DataFrame:
    """The `messages` of `ranges` from the copy of batch `root`; columns of `MESSAGES`. Raises DamagedCopy, and PermanentError
    where the copy has not as many.
    """
    rows = [
        (record.value, record.partition, record.offset, datetime.fromtimestamp(record.time_ms / 1000, UTC))
        for record in records_within(database, root, ranges)
    ]
    if len(rows) != messages:
        raise PermanentError(
            f"{len(rows)} of {messages} messages are in the copy of batch {root}: restore its chunks in the collection "
            "set_aside."
        )
    return frame(spark, rows, MESSAGES)


def records_within(database: Database[Document], root: int, ranges: Mapping[str, Sequence[int]]) -> Iterator[Record]:
    """The copy's records in `ranges` (partition -> [first offset, offset after the last]), in order."""
    wanted = {int(partition): (start, end) for partition, (start, end) in ranges.items()}
    for chunk in _chunks(database, root):
        for record in records_of(chunk["body"], chunk["sha256"]):
            start, end = wanted.get(record.partition, (0, 0))
            if start <= record.offset < end:
                yield record


def _chunks(database: Database[Document], batch: int) -> Iterator[Document]:
    yield from database[Collection.SET_ASIDE].find({"batch": batch}, batch_size=2).sort("number", 1)
