"""Report families: grain, key, fields. Documents hold integers; ratios are made when shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict

from contracts.canonical import checksum
from contracts.names import DueGroup

REPORT_SCHEMA = 1
DEFINITION_VERSION = 1
RULES_VERSION = 1
"""Raised with every change of a rule in spark_jobs/rules that may change a number."""
TOP_KEYS = 1_000
LATE_AFTER_SECONDS = 3_600
LATENESS_EDGES_SECONDS = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800)
"""Upper edges of the lateness histogram; one more bucket takes what is later than the last."""


class Family(StrEnum):
    TRAFFIC = "traffic"
    SALES = "sales"
    QUALITY = "quality"
    PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a family's content holds: integer measures, and for break-downs the key's attributes."""

    group: DueGroup
    measures: tuple[str, ...]
    attributes: tuple[str, ...] = ()


SALES_AMOUNTS = ("gross", "discount", "sales", "shipping", "tax", "refunds", "cancelled")
"""Minor units. sales = goods value after discounts, before tax and shipping; net sales = sales - refunds - cancelled."""

SALES_COUNTS = ("orders", "cancelled_orders", "refund_count", "units_milli")
SALES_NOTES = (
    "amounts_disagree",
    "order_repeated",
    "order_without_id",
    "refund_unmatched",
    "refund_over",
    "price_missing",
)

SHAPES: dict[Family, Shape] = {
    Family.TRAFFIC: Shape(DueGroup.HOUR, ("events", "page_views", "visitors", "cookieless")),
    Family.SALES: Shape(DueGroup.HOUR, SALES_COUNTS),
    Family.QUALITY: Shape(
        DueGroup.HOUR,
        ("received", "returned", "accepted", "duplicate", "bot", "rejected", "late", "clock_corrected", "id_reused"),
    ),
    Family.PRODUCTS: Shape(
        DueGroup.DAY,
        ("views", "added_milli", "removed_milli", "ordered_milli", "orders", "revenue", "refunded"),
        ("name", "brand", "category", "variant"),
    ),
}


class Version(TypedDict):
    """Which of two writers wins: compared field by field in this order."""

    settings: int
    epoch: int
    sequence: int


class Receipt(TypedDict):
    """What a number was computed from."""

    epoch: int
    sequence: int
    snapshot: str
    received: int
    returned: int
    accepted: int
    duplicate: int
    bot: int
    rejected: int
    last_event_at: str | None
    versions: dict[str, int | str]
    run: str
    batch: int | None
    computed_at: str


def report_id(merchant: str, settings_version: int, family: Family, day: str) -> str:
    return f"{merchant}/{settings_version}/{family}/{day}"


def report_checksum(merchant: str, family: Family, scope: str, content: dict[str, Any]) -> str:
    """Checksum of a report's content together with whose and when it is, so that a swapped document is noticed.

    `scope` is the hour key for an hour family and the local date for a day family.
    """
    return checksum({"merchant": merchant, "family": family, "scope": scope, "content": content})
