"""Sums of hour families over hours. Amounts are minor units of the merchant's currency unless a field says otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.reports import SALES_AMOUNTS, SALES_COUNTS, SALES_NOTES, SHAPES, Family
from report_app.reading.reports import Part, State

_TRAFFIC = tuple(name for name in SHAPES[Family.TRAFFIC].measures if name != "visitors")


@dataclass(slots=True)
class Sales:
    """`counts` are of all orders; `amounts` of those with a rate; `unconverted` the others', by their own currency."""

    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SALES_AMOUNTS, 0))
    converted_orders: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SALES_COUNTS, 0))
    notes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SALES_NOTES, 0))
    unconverted: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def net(self) -> int:
        return net_of(self.amounts)

    @property
    def average_order(self) -> int | None:
        """Sales / orders, half-up, of the orders that have a rate; null without orders."""
        if not self.converted_orders:
            return None
        return (2 * self.amounts["sales"] + self.converted_orders) // (2 * self.converted_orders)

    @property
    def net_unconverted(self) -> dict[str, int]:
        return {currency: net_of(amounts) for currency, amounts in sorted(self.unconverted.items())}


@dataclass(slots=True)
class Quality:
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHAPES[Family.QUALITY].measures, 0))
    by_code: dict[str, int] = field(default_factory=dict)
    custom_names: dict[str, int] = field(default_factory=dict)
    lateness: list[int] = field(default_factory=list)

    @property
    def not_accounted_for(self) -> int:
        arrived = self.counts["received"] + self.counts["returned"]
        return arrived - sum(self.counts[name] for name in ("accepted", "duplicate", "bot", "rejected"))


def net_of(amounts: Mapping[str, int]) -> int:
    """Net sales = sales - refunds - cancelled."""
    return amounts["sales"] - amounts["refunds"] - amounts["cancelled"]


def state_of(parts: Iterable[Part]) -> State:
    """Read when every part is a number, else the state of the first that is none."""
    return next((part.state for part in parts if not part.is_number), State.READ)


def summed_sales(parts: Iterable[Part]) -> Sales:
    total = Sales()
    for content in _contents(parts):
        _add(total.counts, content)
        _add(total.notes, content.get("notes", {}))
        _add(total.amounts, content["converted"])
        total.converted_orders += content["converted"].get("orders", content["orders"])
        for currency, amounts in _unconverted(content).items():
            own = total.unconverted.setdefault(currency, dict.fromkeys((*SALES_AMOUNTS, "orders"), 0))
            _add(own, amounts)
    return total


def summed_traffic(parts: Iterable[Part]) -> dict[str, int]:
    """Events, page views and cookieless messages; visitors never add up (see `sketches`)."""
    total = dict.fromkeys(_TRAFFIC, 0)
    for content in _contents(parts):
        _add(total, content)
    return total


def summed_quality(parts: Iterable[Part]) -> Quality:
    total = Quality()
    for content in _contents(parts):
        _add(total.counts, content)
        _merge(total.by_code, content.get("rejected_by_code", {}))
        _merge(total.custom_names, content.get("custom_names", {}))
        lateness = content.get("lateness", [])
        total.lateness = [a + b for a, b in zip(total.lateness or [0] * len(lateness), lateness, strict=True)]
    return total


def _contents(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [part.content for part in parts if part.content is not None]


def _add(into: dict[str, int], amounts: Mapping[str, int]) -> None:
    for name in into:
        into[name] += int(amounts.get(name, 0))


def _merge(into: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        into[name] = into.get(name, 0) + int(count)


def _unconverted(content: Mapping[str, Any]) -> dict[str, Mapping[str, int]]:
    found = content.get("unconverted") or {}
    if isinstance(found, Mapping):
        return dict(found)
    return {currency: content["by_currency"][currency] for currency in found}
