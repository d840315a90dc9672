"""Merchants as a job needs them: their settings, and the small table that is joined to every message."""

from collections.abc import Iterable
from dataclasses import dataclass

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.money import exponent
from contracts.names import Collection
from contracts.zones import transitions
from spark_jobs.database import Document
from spark_jobs.frames import frame
from spark_jobs.rules.orders import Terms

_TABLE = (
    "merchant string, currency string, exponent int, transitions array<struct<since: bigint, offset: int>>, "
    "prices_include_tax boolean, page_keys_may_change_orders boolean, retention_days int, settings_version int"
)


FEW_MERCHANTS = 10_000


@dataclass(frozen=True, slots=True)
class Merchant:
    id: str
    time_zone: str
    currency: str
    settings_version: int
    prices_include_tax: bool
    page_keys_may_change_orders: bool
    retention_days: int | None

    @property
    def terms(self) -> Terms:
        return Terms(self.currency, self.prices_include_tax)


def read_merchants(database: Database[Document], ids: Iterable[str] | None = None) -> dict[str, Merchant]:
    """The merchants of these ids that exist; all where `ids` is None."""
    if ids is None:
        return {document["_id"]: _merchant(document) for document in database[Collection.MERCHANTS].find()}
    wanted = sorted(set(ids))
    found: dict[str, Merchant] = {}
    for start in range(0, len(wanted), FEW_MERCHANTS):
        query = {"_id": {"$in": wanted[start : start + FEW_MERCHANTS]}}
        found |= {document["_id"]: _merchant(document) for document in database[Collection.MERCHANTS].find(query)}
    return found


def merchants_in(database: Database[Document], messages: DataFrame) -> dict[str, Merchant]:
    """The merchants that the messages name; all of them where there are few, which spares a look at the messages."""
    if database[Collection.MERCHANTS].estimated_document_count() <= FEW_MERCHANTS:
        return read_merchants(database)
    named = F.get_json_object(F.col("value").cast("string"), "$.merchant")
    ids = messages.select(named.alias("merchant")).where(F.col("merchant").isNotNull()).distinct()
    return read_merchants(database, [row["merchant"] for row in ids.toArrow().to_pylist()])


def _merchant(document: Document) -> Merchant:
    return Merchant(
        id=document["_id"],
        time_zone=document["time_zone"],
        currency=document["currency"],
        settings_version=document.get("settings_version", 1),
        prices_include_tax=document.get("prices_include_tax", False),
        page_keys_may_change_orders=document.get("page_keys_may_change_orders", False),
        retention_days=document.get("retention_days"),
    )


def merchants_table(spark: SparkSession, merchants: Iterable[Merchant]) -> DataFrame:
    """One row a merchant: currency, exponent, offsets of its zone, and what its keys may do."""
    rows = [
        (
            merchant.id,
            merchant.currency,
            exponent(merchant.currency),
            [{"since": since, "offset": offset} for since, offset in transitions(merchant.time_zone)],
            merchant.prices_include_tax,
            merchant.page_keys_may_change_orders,
            merchant.retention_days,
            merchant.settings_version,
        )
        for merchant in merchants
    ]
    return frame(spark, rows, _TABLE)
