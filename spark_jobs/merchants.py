"""Merchants as a job needs them: their settings, and the small table that is joined to every message."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pymongo.database import Database
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.chunks import chunks
from contracts.editions import FIRST, edition_id, merchant_of
from contracts.money import exponent
from contracts.names import Collection
from contracts.retention import frozen_before
from contracts.shop_settings import message_currency
from contracts.zones import transitions
from spark_jobs.database import Document
from spark_jobs.frames import frame
from spark_jobs.rules.orders import Terms

_TABLE = (
    "merchant string, edition string, currency string, exponent int, transitions array<struct<since: bigint, offset: int>>, "
    "prices_include_tax boolean, page_keys_may_change_orders boolean, retention_days int, settings_version int"
)


FEW_MERCHANTS = 10_000


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop under one version of its settings: reports are in `time_zone` and `currency`, a message that names no
    currency is in `message_currency`.

    `archive_from`: up to when its rows were deleted from the archive, None where none were.
    `next`: the same shop with the settings that its reports are being built with, beside those that readers see.
    """

    id: str
    time_zone: str
    currency: str
    message_currency: str
    settings_version: int
    prices_include_tax: bool
    page_keys_may_change_orders: bool
    retention_days: int | None
    archive_from: datetime | None = None
    next: "Merchant | None" = None
    is_next: bool = False

    @property
    def edition(self) -> str:
        return edition_id(self.id, self.settings_version)

    def frozen_before(self, now: datetime) -> datetime | None:
        """A day that begins before this instant is never computed again; None where there is none."""
        return frozen_before(self.time_zone, self.retention_days, self.archive_from, now)

    @property
    def terms(self) -> Terms:
        return Terms(self.message_currency, self.prices_include_tax)


Editions = dict[str, Merchant]
"""Merchants by the ids of their editions (contracts/editions.py)."""


def editions_of(merchants: Iterable[Merchant]) -> Editions:
    """Every edition that is kept up to date: those that readers see, and those that are being built beside them."""
    return {one.edition: one for merchant in merchants for one in (merchant, merchant.next) if one is not None}


def read_editions(database: Database[Document], ids: Iterable[str]) -> Editions:
    """Those of the editions that are kept up to date."""
    wanted = set(ids)
    found = editions_of(read_merchants(database, {merchant_of(id_) for id_ in wanted}).values())
    return {id_: merchant for id_, merchant in found.items() if id_ in wanted}


def read_merchants(database: Database[Document], ids: Iterable[str] | None = None) -> dict[str, Merchant]:
    """The merchants of these ids that exist; all where `ids` is None."""
    if ids is None:
        return {document["_id"]: merchant_of_document(document) for document in database[Collection.MERCHANTS].find()}
    wanted = sorted(set(ids))
    found: dict[str, Merchant] = {}
    for chunk in chunks(wanted, FEW_MERCHANTS):
        query = {"_id": {"$in": chunk}}
        found |= {
            document["_id"]: merchant_of_document(document) for document in database[Collection.MERCHANTS].find(query)
        }
    return found


def merchants_in(database: Database[Document], messages: DataFrame) -> dict[str, Merchant]:
    """The merchants that the messages name; all of them where there are few, which spares a look at the messages."""
    if database[Collection.MERCHANTS].estimated_document_count() <= FEW_MERCHANTS:
        return read_merchants(database)
    named = F.get_json_object(F.col("value").cast("string"), "$.merchant")
    ids = messages.select(named.alias("merchant")).where(F.col("merchant").isNotNull()).distinct()
    return read_merchants(database, [row["merchant"] for row in ids.toArrow().to_pylist()])


def merchant_of_document(document: Document) -> Merchant:
    """A document of `merchants`; what it leaves out has a default."""
    merchant = Merchant(
        id=document["_id"],
        time_zone=document["time_zone"],
        currency=document["currency"],
        message_currency=message_currency(document),
        settings_version=document.get("settings_version", FIRST),
        prices_include_tax=document.get("prices_include_tax", False),
        page_keys_may_change_orders=document.get("page_keys_may_change_orders", False),
        retention_days=document.get("retention_days"),
        archive_from=document.get("archive_from"),
    )
    ordered = document.get("next")
    return merchant if ordered is None else replace(merchant, next=_with_settings(merchant, ordered))


def _with_settings(merchant: Merchant, ordered: Document) -> Merchant:
    return replace(
        merchant,
        time_zone=ordered["time_zone"],
        currency=ordered["currency"],
        settings_version=ordered["settings_version"],
        is_next=True,
    )


def merchants_table(spark: SparkSession, merchants: Iterable[Merchant]) -> DataFrame:
    """One row for each of `merchants`: currency of its messages, exponent, offsets of its zone, and what its keys may do."""
    rows = [
        (
            merchant.id,
            merchant.edition,
            merchant.message_currency,
            exponent(merchant.message_currency),
            [{"since": since, "offset": offset} for since, offset in transitions(merchant.time_zone)],
            merchant.prices_include_tax,
            merchant.page_keys_may_change_orders,
            merchant.retention_days,
            merchant.settings_version,
        )
        for merchant in merchants
    ]
    return frame(spark, rows, _TABLE)
