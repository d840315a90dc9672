"""One warm local Spark for all tests of jobs, and databases and archives of a test's own."""

import os

import pytest

from contracts.archive import TABLE
from contracts.settings import Settings
from spark_jobs.archive import create_archive
from spark_jobs.session import open_session
from stack.jars import fetch_jars
from tests.conftest import HOME
from tests.databases import own_database
from tests.spark_jobs.jobs import Jobs, jobs_on

# one session runs all tests: with the 48 MB of a quick compiler it fills up, and Java goes on without compiling
JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -Xss4m -Dderby.system.durability=test"
CONFIGURATION = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": JAVA,
    "spark.driver.extraClassPath": f"{HOME}/jars/spark/*",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    # tables of a test are small, and would be computed by the planner instead of by the code that a batch runs
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A session as jobs open it, whose archive is a temporary folder."""
    fetch_jars(HOME)
    options = [word for key, value in CONFIGURATION.items() for word in ("--conf", f'"{key}={value}"')]
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join(["--master local[2]", *options, "pyspark-shell"])
    warehouse = tmp_path_factory.mktemp("warehouse")
    session = open_session("tests", Settings(lake_catalog_type="hadoop", lake_warehouse=str(warehouse)))
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
    del os.environ["PYSPARK_SUBMIT_ARGS"]


@pytest.fixture
def archive(spark):
    """The session, with an archive that is empty."""
    create_archive(spark)
    yield spark
    spark.sql(f"DROP TABLE {TABLE} PURGE")


@pytest.fixture
def database(mongo):
    with own_database(mongo, "jobs") as database:
        yield database


@pytest.fixture
def jobs(spark, mongo, kafka_broker):
    """The jobs, beside a database, topics and an archive that are empty."""
    with jobs_on(spark, mongo, Settings(kafka_bootstrap=kafka_broker), Jobs) as jobs:
        yield jobs
