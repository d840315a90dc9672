"""Whether a stored report can be believed: schema, owner, shape, checksum, and the sums that it must keep."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.reports import (
    REPORT_SCHEMA,
    SALES_AMOUNTS,
    SALES_COUNTS,
    SALES_NOTES,
    SHAPES,
    Family,
    report_checksum,
)

_OUTCOMES = ("accepted", "duplicate", "bot", "rejected")
_ARRIVALS = ("received", "returned", *_OUTCOMES)
_VERSION = ("epoch", "sequence")
_TEXTS = ("run", "computed_at", "snapshot")


def is_of(document: Any, merchant: str, settings_version: int, family: Family, day: str) -> bool:
    """Whether a document of `reports` is of this schema and says that it belongs there."""
    if not isinstance(document, Mapping):
        return False
    fields = ("schema", "merchant", "settings_version", "family", "day")
    return tuple(document.get(name) for name in fields) == (REPORT_SCHEMA, merchant, settings_version, family, day)


def is_sound(merchant: str, family: Family, scope: str, stored: Any) -> bool:
    """Whether a computed scope (an hour of a document, or a whole day document) can be shown as a number."""
    if not isinstance(stored, Mapping):
        return False
    content, receipt = stored.get("content"), stored.get("receipt")
    if not isinstance(content, dict) or not isinstance(receipt, dict):
        return False
    try:
        is_unchanged = report_checksum(merchant, family, scope, content) == stored.get("checksum")
        return is_unchanged and _is_receipt(receipt, stored.get("version")) and _SUMS[family](content)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return False


def _is_receipt(receipt: dict[str, Any], version: Any) -> bool:
    """Receipt and version stand outside of the checksum, so they are held against each other."""
    is_typed = _are_integers(receipt, (*_ARRIVALS, *_VERSION)) and all(isinstance(receipt[n], str) for n in _TEXTS)
    is_typed = is_typed and isinstance(receipt["versions"], dict) and isinstance(receipt["last_event_at"], str | None)
    is_same = _are_integers(version, _VERSION) and all(version[name] == receipt[name] for name in _VERSION)
    return is_typed and is_same and _adds_up(receipt)


def _are_integers(values: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(isinstance(values[name], int) and not isinstance(values[name], bool) for name in names)


def _adds_up(counts: Mapping[str, Any]) -> bool:
    """The books: received + returned = accepted + duplicate + bot + rejected."""
    return bool(counts["received"] + counts["returned"] == sum(counts[name] for name in _OUTCOMES))


def _traffic(content: dict[str, Any]) -> bool:
    is_typed = _are_integers(content, SHAPES[Family.TRAFFIC].measures)
    return is_typed and all(
        0 <= content[name] <= content["events"] for name in ("page_views", "visitors", "cookieless")
    )


def _quality(content: dict[str, Any]) -> bool:
    is_typed = _are_integers(content, SHAPES[Family.QUALITY].measures)
    is_explained = sum(content["rejected_by_code"].values()) == content["rejected"]
    return is_typed and _adds_up(content) and is_explained and isinstance(content["lateness"], list)


def _sales(content: dict[str, Any]) -> bool:
    """The bridge of each currency, and the orders that have a rate with those that have none."""
    apart = [content["converted"], *content["unconverted"].values()]
    bridges = [*apart, *content["by_currency"].values()]
    is_bridged = all(amounts["gross"] - amounts["discount"] == amounts["sales"] for amounts in bridges)
    is_typed = all(_are_integers(amounts, (*SALES_AMOUNTS, "orders")) for amounts in bridges)
    is_typed = is_typed and _are_integers(content, SALES_COUNTS) and _are_integers(content["notes"], SALES_NOTES)
    return is_typed and is_bridged and bool(sum(amounts["orders"] for amounts in apart) == content["orders"])


def _products(content: dict[str, Any]) -> bool:
    """A day has no totals to add up to: every row has its measures, no product has two."""
    rows, measures = content["rows"], SHAPES[Family.PRODUCTS].measures
    parts = [*rows, content["other"]] if content["other"] else rows
    is_typed = all(_are_integers(row, measures) for row in parts)
    is_typed = is_typed and _are_integers(content["not_on_product"], ("revenue", "refunded"))
    return is_typed and len({row["key"] for row in rows}) == len(rows)


_SUMS: dict[Family, Callable[[dict[str, Any]], bool]] = {
    Family.TRAFFIC: _traffic,
    Family.SALES: _sales,
    Family.QUALITY: _quality,
    Family.PRODUCTS: _products,
}
