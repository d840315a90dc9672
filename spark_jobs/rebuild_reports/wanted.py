"""Which scopes a batch of requests wants: those that exist and may be computed again."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pymongo.database import Database
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.names import DueGroup
from contracts.reports import SHAPES, Family
from contracts.zones import hour_key, hours_of_day
from spark_jobs.calendar import existing_scopes
from spark_jobs.database import Document
from spark_jobs.due_scopes import Scope
from spark_jobs.freezing import frozen_scopes
from spark_jobs.merchants import Editions, Merchant, read_merchants
from spark_jobs.rules.requests import OddRequest, Request, read_request
from spark_jobs.sources import read_ranges

MOST_BYTES = 1024 * 1024
log = logging.getLogger("footfall.job")


@dataclass(slots=True)
class Wanted:
    """`scopes` are to be computed; `frozen` are of days that the shop's retention has passed: they stay as they are;
    `absent` are none that should have a report.
    """

    editions: Editions
    scopes: set[Scope] = field(default_factory=set)
    frozen: set[Scope] = field(default_factory=set)
    absent: set[Scope] = field(default_factory=set)

    def of(self, group: DueGroup) -> list[Scope]:
        return sorted(scope for scope in self.scopes if scope.group == group)


def read_requests(
    spark: SparkSession, bootstrap: str, topic: str, ranges: Mapping[str, Sequence[int]]
) -> list[Request]:
    """The requests of the ranges; what is none is logged and left out, and so is what is too large to be one."""
    messages = read_ranges(spark, bootstrap, topic, ranges)
    small = F.when(F.length("value") <= MOST_BYTES, F.col("value")).alias("value")
    found = []
    for row in messages.select("partition", "offset", small).toArrow().to_pylist():
        try:
            request = read_request(row["value"])
        except OddRequest as odd:
            log.warning("odd request skipped: partition=%d offset=%d why=%s", row["partition"], row["offset"], odd)
            continue
        if request.odd_scopes:
            log.warning("odd scopes skipped: request=%s count=%d", request.request_id, request.odd_scopes)
        found.append(request)
    return found


def wanted_by(database: Database[Document], requests: Iterable[Request], now: datetime) -> Wanted:
    """The scopes of the requests that have, or should have, reports of the version that the shop's readers see."""
    asked = list(requests)
    merchants = read_merchants(database, {request.merchant for request in asked})
    wanted = Wanted(_seen(merchants.values()))
    named: set[Scope] = set()
    for request in asked:
        merchant = merchants.get(request.merchant)
        if merchant is None or merchant.settings_version != request.settings_version:
            log.warning("request of another shop or version skipped: request=%s", request.request_id)
            continue
        named |= {Scope(merchant.edition, group, key) for group, key in request.scopes}
    wanted.frozen = frozen_scopes(named, wanted.editions, now)
    wanted.scopes = existing_scopes(database, named - wanted.frozen, wanted.editions)
    wanted.absent = named - wanted.frozen - wanted.scopes
    return wanted


def wanted_again(database: Database[Document], document: Document, now: datetime) -> Wanted:
    """What a committed batch replaced, for its replay: the hours and days of its reports."""
    touched = document.get("touched", [])
    merchants = read_merchants(database, {one["merchant"] for one in touched})
    wanted = Wanted(_seen(merchants.values()))
    named = {
        scope
        for one in touched
        if one["merchant"] in merchants
        for report in one["reports"]
        for scope in _scopes_of(report, merchants[one["merchant"]])
    }
    kept = named - frozen_scopes(named, wanted.editions, now)
    wanted.scopes = existing_scopes(database, kept, wanted.editions)
    return wanted


def _seen(merchants: Iterable[Merchant]) -> Editions:
    """The editions that readers see."""
    return {merchant.edition: merchant for merchant in merchants}


def _scopes_of(report: str, merchant: Merchant) -> list[Scope]:
    """Of a report of an edition that readers see no more, the same day of the one that they see."""
    _, _, family, day = report.split("/")
    if SHAPES[Family(family)].group == DueGroup.DAY:
        return [Scope(merchant.edition, DueGroup.DAY, day)]
    starts = hours_of_day(merchant.time_zone, date.fromisoformat(day))
    return [Scope(merchant.edition, DueGroup.HOUR, hour_key(start)) for start in starts]
