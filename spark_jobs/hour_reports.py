"""Computes the hour families of due hours: traffic, sales and quality, in one reading of the archive."""

from collections.abc import Iterator, Sequence
from typing import Any

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession

from contracts.names import DueGroup
from contracts.reports import LATENESS_EDGES_SECONDS, SHAPES, Family
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.merchants import Editions
from spark_jobs.postings import Postings, local_day_of, postings_on, rates_for
from spark_jobs.report_documents import Computation, Report
from spark_jobs.reports.quality import CUSTOM_NAMES_KEPT, counts_by_scope, names_by_scope
from spark_jobs.reports.sales import sales_content
from spark_jobs.reports.scopes import scope_rows
from spark_jobs.reports.traffic import visitors_by_scope
from spark_jobs.rules.exchange import Rates

COLUMNS = (
    "edition", "scope", "outcome", "code", "is_returned", "is_cookieless", "is_id_reused", "type", "event",
    "anonymous_id", "received_at", "event_time", "client_time", "time_source",
)  # fmt: skip
_NO_LATENESS = [0] * (len(LATENESS_EDGES_SECONDS) + 1)


def hour_reports(
    spark: SparkSession,
    database: Database[Document],
    computation: Computation,
    hours: Sequence[Scope],
    editions: Editions,
) -> Iterator[Report]:
    """Three reports an hour, hours without anything included: then they hold zeros."""
    postings = postings_on(database, hours, editions)
    rows = scope_rows(spark, computation.snapshot, hours, editions).select(*COLUMNS).localCheckpoint()
    return reports_of_hours(database, computation, hours, editions, postings, rows)


def reports_of_hours(
    database: Database[Document],
    computation: Computation,
    hours: Sequence[Scope],
    editions: Editions,
    postings: Postings,
    rows: DataFrame,
) -> Iterator[Report]:
    """The same of any postings and scope rows (COLUMNS, kept); of the database only the rates are read."""
    rates = rates_for(database, postings, editions)
    counts, visitors, names = by_scope(counts_by_scope(rows)), by_scope(visitors_by_scope(rows)), _names(rows)
    for hour in hours:
        merchant, counted = editions[hour.edition], counts.get(hour, {})
        receipt, version = computation.receipt(merchant, counted), computation.version(merchant)
        traffic, sketch = _traffic(counted, visitors.get(hour))
        yield Report(hour, Family.TRAFFIC, traffic, receipt, version, sketch)
        quality = _quality(counted, names.get(hour, {}))
        yield Report(hour, Family.QUALITY, quality, receipt, version)
        into = rates.get(merchant.currency, Rates(merchant.currency))
        sales = sales_content(postings.get(hour, ()), into, local_day_of(merchant))
        yield Report(hour, Family.SALES, sales, receipt, version)


def by_scope(frame: DataFrame, group: DueGroup = DueGroup.HOUR) -> dict[Scope, dict[str, Any]]:
    """Rows of (edition, scope, …), one a scope."""
    return {Scope(row["edition"], group, row["scope"]): row for row in frame.toArrow().to_pylist()}


def _names(rows: DataFrame) -> dict[Scope, dict[str, dict[str, int]]]:
    """{scope: {kind: {name: count}}} of error codes and of custom names that look like commerce."""
    found: dict[Scope, dict[str, dict[str, int]]] = {}
    for row in names_by_scope(rows).toArrow().to_pylist():
        scope = Scope(row["edition"], DueGroup.HOUR, row["scope"])
        found.setdefault(scope, {}).setdefault(row["kind"], {})[row["name"]] = row["count"]
    return found


def _traffic(counts: dict[str, Any], visitors: dict[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(content, extra with the sketch)."""
    content = {name: int(counts.get(name, 0)) for name in SHAPES[Family.TRAFFIC].measures if name != "visitors"}
    if visitors is None:
        return content | {"visitors": 0}, {}
    return content | {"visitors": visitors["visitors"]}, {"sketch": visitors["sketch"]}


def _quality(counts: dict[str, Any], names: dict[str, dict[str, int]]) -> dict[str, Any]:
    custom = sorted(names.get("custom", {}).items(), key=lambda pair: (-pair[1], pair[0]))[:CUSTOM_NAMES_KEPT]
    return {name: int(counts.get(name, 0)) for name in SHAPES[Family.QUALITY].measures} | {
        "rejected_by_code": dict(sorted(names.get("code", {}).items())),
        "custom_names": dict(custom),
        "lateness": list(counts.get("lateness") or _NO_LATENESS),
    }
