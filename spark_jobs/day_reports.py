"""Computes the day families of due days: products."""

from collections.abc import Iterator, Sequence
from typing import Any

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.names import DueGroup
from contracts.reports import Family
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.frames import frame
from spark_jobs.hour_reports import by_scope
from spark_jobs.merchants import Editions
from spark_jobs.postings import Postings, local_day_of, postings_on, rates_for
from spark_jobs.report_documents import Computation, Report
from spark_jobs.reports.products import (
    FACTS,
    Fact,
    facts_of_events,
    facts_of_posting,
    orders_by_product,
    products_content,
    rows_by_scope,
)
from spark_jobs.reports.quality import counts_by_scope
from spark_jobs.reports.scopes import scope_rows
from spark_jobs.rules.exchange import Rates

_COLUMNS = (
    "edition", "scope", "outcome", "is_returned", "is_cookieless", "is_id_reused", "type", "event", "received_at",
    "event_time", "client_time", "time_source", "message_id", "product", "quantity_milli",
)  # fmt: skip


def day_reports(
    spark: SparkSession,
    database: Database[Document],
    computation: Computation,
    days: Sequence[Scope],
    editions: Editions,
) -> Iterator[Report]:
    """One report a day; a day without anything holds no rows."""
    postings = postings_on(database, days, editions)
    facts, unconverted = _facts_of_orders(postings, rates_for(database, postings, editions), editions)
    rows = scope_rows(spark, computation.snapshot, days, editions).select(*_COLUMNS).localCheckpoint()
    all_facts = facts_of_events(rows).unionByName(frame(spark, facts, FACTS))
    products = by_scope(rows_by_scope(all_facts), DueGroup.DAY)
    counts = by_scope(counts_by_scope(rows), DueGroup.DAY)
    for day in days:
        merchant = editions[day.edition]
        content = products_content(merchant.currency, products.get(day), unconverted.get(day, {}))
        receipt = computation.receipt(merchant, counts.get(day, {}))
        yield Report(day, Family.PRODUCTS, content, receipt, computation.version(merchant))


def _facts_of_orders(
    postings: Postings, rates: dict[str, Rates], editions: Editions
) -> tuple[list[Fact], dict[Scope, dict[str, int]]]:
    """(facts of all orders, {day: {currency: minor units of sales without a rate}})."""
    facts: list[Fact] = []
    unconverted: dict[Scope, dict[str, int]] = {}
    for day, of_day in postings.items():
        merchant = editions[day.edition]
        into = rates.get(merchant.currency, Rates(merchant.currency))
        facts += orders_by_product(day.edition, day.key, of_day)
        for posting in of_day:
            found, without_rate = facts_of_posting(day.edition, day.key, posting, into, local_day_of(merchant))
            facts += found
            _add(unconverted.setdefault(day, {}), without_rate)
    return facts, unconverted


def _add(into: dict[str, int], amounts: dict[str, Any]) -> None:
    for currency, amount in amounts.items():
        into[currency] = into.get(currency, 0) + amount
