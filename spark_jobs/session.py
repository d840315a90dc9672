"""The Spark session: UTC, and the Iceberg catalog of the settings. Everything about machines is Spark's own configuration."""

from pyspark.sql import SparkSession

from contracts.archive import CATALOG
from contracts.settings import Settings

_ICEBERG = "org.apache.iceberg.spark"


def open_session(name: str, settings: Settings) -> SparkSession:
    builder = SparkSession.builder.appName(name)
    for key, value in {**_BEHAVIOUR, **catalog_options(settings)}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


_BEHAVIOUR = {
    "spark.sql.session.timeZone": "UTC",
    # noting the line of Python behind every column costs five seconds a job
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "1000000",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.extensions": f"{_ICEBERG}.extensions.IcebergSparkSessionExtensions",
}


def catalog_options(settings: Settings) -> dict[str, str]:
    """Iceberg's catalog: JDBC on SQLite or Postgres, REST, or Hadoop, by the setting `lake_catalog_type`."""
    prefix = f"spark.sql.catalog.{CATALOG}"
    options = {
        prefix: f"{_ICEBERG}.SparkCatalog",
        f"{prefix}.type": settings.lake_catalog_type,
        f"{prefix}.warehouse": settings.lake_warehouse,
        f"{prefix}.cache-enabled": "false",
    }
    if settings.lake_catalog_type in ("jdbc", "rest"):
        options[f"{prefix}.uri"] = settings.lake_catalog_uri
    if settings.lake_catalog_type == "jdbc":
        options[f"{prefix}.jdbc.schema-version"] = "V1"
    return options
