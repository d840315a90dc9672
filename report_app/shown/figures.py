"""The key figures of a range: value, what it is compared with, and why where there is none."""

from dataclasses import dataclass, field
from enum import StrEnum

from contracts.reports import Family
from report_app.reading.overview import Reading, Totals
from report_app.reading.reports import State


class Measure(StrEnum):
    """Keys of the figures, in the order of the cards; each is a key of `definitions` too."""

    NET_SALES = "net_sales"
    ORDERS = "orders"
    AVERAGE_ORDER = "average_order"
    VISITORS = "visitors"
    PAGE_VIEWS = "page_views"


MONEY = frozenset({Measure.NET_SALES, Measure.AVERAGE_ORDER})
CHARTED = (Measure.NET_SALES, Measure.ORDERS, Measure.VISITORS, Measure.PAGE_VIEWS)
FAMILIES = {
    Measure.NET_SALES: Family.SALES,
    Measure.ORDERS: Family.SALES,
    Measure.AVERAGE_ORDER: Family.SALES,
    Measure.VISITORS: Family.TRAFFIC,
    Measure.PAGE_VIEWS: Family.TRAFFIC,
}


@dataclass(frozen=True, slots=True)
class Value:
    """`number` is null where `state` is not read, and for an average of nothing. Money is in minor units."""

    number: int | None
    state: State
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    measure: Measure
    shown: Value
    compared: Value
    before: Value
    unconverted: dict[str, int] = field(default_factory=dict)


def figures(reading: Reading) -> list[Figure]:
    """One figure a measure; `unconverted` are the amounts without a rate, by their own currency."""
    return [_figure(reading, measure) for measure in Measure]


def _figure(reading: Reading, measure: Measure) -> Figure:
    is_net = measure is Measure.NET_SALES and reading.shown.states[Family.SALES] is State.READ
    return Figure(
        measure,
        value_of(reading.shown, measure),
        value_of(reading.compared, measure),
        value_of(reading.before, measure),
        reading.shown.sales.net_unconverted if is_net else {},
    )


def value_of(totals: Totals, measure: Measure) -> Value:
    """The measure over the hours that `totals` were taken from."""
    state = totals.states[FAMILIES[measure]]
    if state is not State.READ:
        return Value(None, state)
    if measure is Measure.VISITORS:
        visitors = totals.visitors
        return Value(visitors.count, visitors.state, visitors.is_estimate)
    numbers = {
        Measure.NET_SALES: totals.sales.net,
        Measure.ORDERS: totals.sales.counts["orders"],
        Measure.AVERAGE_ORDER: totals.sales.average_order,
        Measure.PAGE_VIEWS: totals.traffic["page_views"],
    }
    return Value(numbers[measure], State.READ)
