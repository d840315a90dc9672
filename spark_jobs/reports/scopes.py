"""The archived rows of some scopes, each with its scope's key and its outcome."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.names import DueGroup
from contracts.zones import day_bounds, hour_of_key
from spark_jobs.archive import Snapshot, read_at, within
from spark_jobs.due_scopes import Scope
from spark_jobs.frames import frame
from spark_jobs.merchants import Editions, Merchant, merchants_table
from spark_jobs.rules import hours
from spark_jobs.rules.copies import with_outcomes


def scope_rows(spark: SparkSession, snapshot: Snapshot, scopes: Iterable[Scope], editions: Editions) -> DataFrame:
    """Rows of the scopes at the snapshot: the archive's columns, `outcome` of four, `edition`, and `scope` (its key)."""
    return with_outcomes(rows_in_scopes(spark, read_at(spark, snapshot), scopes, editions))


def rows_in_scopes(spark: SparkSession, archived: DataFrame, scopes: Iterable[Scope], editions: Editions) -> DataFrame:
    """Those of any rows with the archive's columns that are in the scopes, with `edition` and `scope`, once for each
    edition that is asked for; copies are not told apart yet.
    """
    wanted = list(scopes)
    ranges = [_bounds(scope, editions[scope.edition]) for scope in wanted]
    table = frame(spark, [(scope.edition, scope.key) for scope in wanted], "edition string, scope string")
    zones = merchants_table(spark, [editions[name] for name in sorted({scope.edition for scope in wanted})])
    is_hour = wanted[0].group == DueGroup.HOUR
    key = hours.hour_key if is_hour else hours.day_key
    return (
        archived.where(within("event_time", ranges))
        .join(F.broadcast(zones.select("merchant", "edition", "transitions")), on="merchant", how="inner")
        .withColumn("scope", key(F.col("event_time"), F.col("transitions")))
        .drop("transitions")
        .join(F.broadcast(table), on=["edition", "scope"], how="left_semi")
    )


def _bounds(scope: Scope, merchant: Merchant) -> tuple[datetime, datetime]:
    if scope.group == DueGroup.HOUR:
        start = hour_of_key(scope.key)
        return start, start + timedelta(hours=1)
    return day_bounds(merchant.time_zone, date.fromisoformat(scope.key))
