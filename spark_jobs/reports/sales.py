"""Sales by hour: orders, units and the bridge from gross to net, converted and in each currency of its own."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from contracts.reports import SALES_AMOUNTS, SALES_NOTES
from spark_jobs.rules.exchange import Rates, converted
from spark_jobs.rules.orders import Posting, PostingKind

_COUNTS = ("orders", "cancelled_orders")


def amounts_of(posting: Posting) -> dict[str, int]:
    """The posting's part of the bridge, in minor units of its own currency."""
    if posting.kind is PostingKind.REFUND:
        return {"refunds": posting.goods}
    if posting.kind is PostingKind.CANCELLATION:
        return {"cancelled": posting.goods}
    return {
        "gross": posting.goods + posting.discount,
        "discount": posting.discount,
        "sales": posting.goods,
        "shipping": posting.shipping,
        "tax": posting.tax,
    }


def sales_content(postings: Iterable[Posting], rates: Rates, local_day: Callable[[datetime], date]) -> dict[str, Any]:
    """Content of one hour's sales report from the postings of that hour; integers and strings only.

    Each amount converts by itself at the order's home day's rate; what has no rate stays in `unconverted`.
    """
    content = _empty(rates.quote)
    for posting in postings:
        _count(content, posting)
        own = amounts_of(posting)
        _add(content["by_currency"].setdefault(posting.currency, _no_amounts()), posting, own)
        rate = rates.on(posting.currency, local_day(posting.rate_time))
        if rate is None:
            _add(content["unconverted"].setdefault(posting.currency, _no_amounts()), posting, own)
        else:
            amounts = {name: converted(value, posting.currency, rates.quote, rate) for name, value in own.items()}
            if "gross" in amounts:
                amounts["gross"] = amounts["sales"] + amounts["discount"]
            _add(content["converted"], posting, amounts)
    return content


def _empty(currency: str) -> dict[str, Any]:
    return {
        "currency": currency,
        "orders": 0,
        "cancelled_orders": 0,
        "refund_count": 0,
        "units_milli": 0,
        "converted": _no_amounts(),
        "by_currency": {},
        "unconverted": {},
        "notes": dict.fromkeys(SALES_NOTES, 0),
    }


def _no_amounts() -> dict[str, int]:
    return dict.fromkeys((*SALES_AMOUNTS, *_COUNTS), 0)


def _count(content: dict[str, Any], posting: Posting) -> None:
    content["orders"] += posting.kind is PostingKind.SALE
    content["cancelled_orders"] += posting.kind is PostingKind.CANCELLATION
    content["refund_count"] += posting.kind is PostingKind.REFUND
    content["units_milli"] += posting.units_milli
    for name, count in posting.notes.items():
        content["notes"][name] += count


def _add(into: dict[str, int], posting: Posting, amounts: dict[str, int]) -> None:
    into["orders"] += posting.kind is PostingKind.SALE
    into["cancelled_orders"] += posting.kind is PostingKind.CANCELLATION
    for name, value in amounts.items():
        into[name] += value
