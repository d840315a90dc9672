"""Failures of the world are told apart from those of the work: each error here was raised by the real thing."""

import errno
import sqlite3
import subprocess
import sys

import pytest
from pymongo import InsertOne, MongoClient
from pymongo.errors import BulkWriteError, OperationFailure
from pyspark.sql import functions as F

from contracts.names import ExitStatus
from spark_jobs.failures import PermanentError
from spark_jobs.world import is_world_away
from tests.conftest import ROOT

NOBODY = "127.0.0.1:1"


def raised(work):
    with pytest.raises(Exception) as caught:
        work()
    return caught.value


def kafka_without_a_broker(spark):
    reader = spark.read.format("kafka").option("kafka.bootstrap.servers", NOBODY).option("assign", '{"t":[0]}')
    for name in ("kafka.request.timeout.ms", "kafka.default.api.timeout.ms"):
        reader = reader.option(name, "300")
    reader.load().count()


def a_full_disk(spark):
    spark._jvm.java.io.FileOutputStream("/dev/full").write(1)


def a_refused_connection(spark):
    spark._jvm.java.net.Socket("127.0.0.1", 1)


def an_unknown_host_in_a_task(spark):
    lookup = F.reflect(F.lit("java.net.InetAddress"), F.lit("getByName"), F.col("host"))
    spark.range(1).select(F.lit("no-such-host.invalid").alias("host")).repartition(2).select(lookup).collect()


@pytest.mark.parametrize(
    "work",
    [kafka_without_a_broker, a_full_disk, a_refused_connection, an_unknown_host_in_a_task],
    ids=lambda do: do.__name__,
)
def test_the_world_is_away_in_the_jvm(spark, work):
    assert is_world_away(raised(lambda: work(spark)))


def test_a_catalog_that_is_locked(spark, tmp_path):
    """Another program writes to the catalog and does not come to its end."""
    file = tmp_path / "catalog.db"
    options = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "jdbc",
        ".uri": f"jdbc:sqlite:{file}?busy_timeout=100",
        ".warehouse": str(tmp_path),
    }
    for name, value in options.items():
        spark.conf.set(f"spark.sql.catalog.locked{name}", value)
    spark.sql("CREATE NAMESPACE locked.before")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = raised(lambda: spark.sql("CREATE NAMESPACE locked.after"))
    other.close()
    assert is_world_away(error)


def words_of_an_outage_in_a_message(spark):
    words = "java.net.ConnectException: Connection refused, TimeoutException, No space left on device"
    spark.range(1).select(F.raise_error(F.lit(words))).collect()


def a_column_that_does_not_exist(spark):
    spark.range(1).select("nothing")


def a_number_that_is_none(spark):
    spark.sql("SELECT CAST('x' AS INT)").collect()


@pytest.mark.parametrize(
    "work",
    [words_of_an_outage_in_a_message, a_column_that_does_not_exist, a_number_that_is_none],
    ids=lambda do: do.__name__,
)
def test_it_is_the_work_in_the_jvm(spark, work):
    assert not is_world_away(raised(lambda: work(spark)))


def test_a_database_that_does_not_answer():
    client = MongoClient(f"mongodb://{NOBODY}/?directConnection=true", serverSelectionTimeoutMS=200)
    assert is_world_away(raised(client.any.any.find_one))


def test_a_document_that_the_database_refuses_is_the_work(database):
    database.create_collection("strict", validator={"word": {"$ne": "No space left on device"}})
    refused = InsertOne({"word": "No space left on device"})
    error = raised(lambda: database.strict.bulk_write([refused]))
    assert isinstance(error, BulkWriteError) and not is_world_away(error)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationFailure("out of disk space", 14_031), True),
        (OperationFailure("not authorized", 13), False),
        (BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (ConnectionRefusedError(), True),
        (PermanentError("The archive holds nothing"), False),
        (KeyError("merchant"), False),
    ],
    ids=repr,
)
def test_errors_of_python(error, expected):
    assert is_world_away(error) is expected


@pytest.mark.parametrize(
    ("raising", "status"),
    [
        ("TransientError('away')", ExitStatus.TRY_LATER),
        ("OSError(28, 'No space left on device')", ExitStatus.TRY_LATER),
        ("ValueError('No space left on device')", ExitStatus.PERMANENT),
        ("StaleAttempt('taken over')", ExitStatus.DONE),
    ],
)
def test_the_exit_status_says_which(raising, status):
    program = f"from spark_jobs.failures import *\ndef main(): raise {raising}\nrun_job(main)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == status, done.stderr
