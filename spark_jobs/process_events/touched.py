"""Which hours and days a batch's rows touch."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.names import DueGroup, Outcome
from contracts.restatements import Why
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Merchant, editions_of, merchants_table
from spark_jobs.rules import hours


@dataclass(frozen=True, slots=True)
class TouchedScopes:
    """`hours` are starts of UTC hours (partitions of the archive); `counts` are rows: messages, rejected, returned.

    `causes`: of each scope, why its numbers would change if its day were closed.
    """

    hours: list[datetime]
    scopes: set[Scope]
    counts: dict[str, int]
    causes: dict[Scope, set[Why]]


def touched_scopes(spark: SparkSession, rows: DataFrame, merchants: dict[str, Merchant]) -> TouchedScopes:
    """Rows of a merchant that does not exist touch partitions and no scope; the others scopes of each of its editions."""
    editions = editions_of(merchants.values())
    zones = merchants_table(spark, editions.values()).select("merchant", "edition", "transitions")
    placed = rows.select("merchant", "event_time", "outcome", "is_returned").join(
        F.broadcast(zones), on="merchant", how="left"
    )
    grouped = placed.groupBy(
        "edition",
        F.date_trunc("HOUR", "event_time").alias("utc_hour"),
        hours.hour_key(F.col("event_time"), F.col("transitions")).alias("hour"),
        hours.day_key(F.col("event_time"), F.col("transitions")).alias("day"),
    ).agg(
        F.count("*").alias("messages"),
        F.count_if(F.col("outcome") == Outcome.REJECTED).alias("rejected"),
        F.count_if("is_returned").alias("returned"),
    )
    found = grouped.toArrow().to_pylist()
    causes: dict[Scope, set[Why]] = {}
    for row in found:
        if row["edition"] in editions:
            for group in DueGroup:
                causes.setdefault(Scope(row["edition"], group, row[group]), set()).update(_causes(row))
    once = [row for row in found if row["edition"] not in editions or not editions[row["edition"]].is_next]
    counts = {name: sum(row[name] for row in once) for name in ("messages", "rejected", "returned")}
    utc_hours = sorted({row["utc_hour"].astimezone(UTC) for row in found})
    return TouchedScopes(utc_hours, set(causes), counts, causes)


def _causes(row: dict[str, Any]) -> set[Why]:
    came_back = {Why.REPAIRED} if row["returned"] else set()
    return came_back | ({Why.LATE} if row["messages"] > row["returned"] else set())
