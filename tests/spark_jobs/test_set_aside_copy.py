"""The durable copy: byte for byte, read back, and the same when it is written again."""

import pytest

from contracts.set_aside import DamagedCopy, Record
from spark_jobs.failures import PermanentError
from spark_jobs.set_aside_copy import read_copy, records_in_order, records_within, write_copy
from tests.spark_jobs.samples import KAFKA_TIME, message_rows

KAFKA_MS = int(KAFKA_TIME.timestamp() * 1000)
VALUES = [b"a", None, b"\xff\x00", b"", b"e"]
RECORDS = [Record(3, offset, KAFKA_MS, value) for offset, value in enumerate(VALUES)]


def test_messages_come_back_as_they_were(spark, database):
    records = list(records_in_order(message_rows(spark, VALUES)))
    assert records == RECORDS
    kept = write_copy(database, 5, records, most_bytes=40)
    assert (kept["chunks"], kept["messages"], kept["oldest_ms"]) == (3, 5, KAFKA_MS)
    again = read_copy(spark, database, 5, {"3": [1, 4]}, 3)
    assert list(records_in_order(again)) == RECORDS[1:4]


def test_a_copy_that_lacks_messages_is_not_read(spark, database):
    write_copy(database, 5, RECORDS, most_bytes=1)
    database.set_aside.delete_one({"number": 2})
    with pytest.raises(PermanentError, match="4 of 5 messages are in the copy of batch 5"):
        read_copy(spark, database, 5, {"3": [0, 9]}, 5)


def test_a_second_attempt_leaves_one_copy(database):
    write_copy(database, 5, RECORDS, most_bytes=1)
    second = write_copy(database, 5, RECORDS, most_bytes=1_000)
    assert second["chunks"] == database.set_aside.count_documents({"batch": 5}) == 1
    assert list(records_within(database, 5, {"3": [0, 9]})) == RECORDS


def test_a_damaged_copy_is_not_read(database):
    write_copy(database, 5, RECORDS)
    database.set_aside.update_one({}, {"$set": {"body": b"damaged"}})
    with pytest.raises(DamagedCopy):
        list(records_within(database, 5, {"3": [0, 9]}))
