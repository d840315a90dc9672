"""Expected reports of one shop from its arrivals."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from tests.oracle.arrivals import Arrival, Shop, judge
from tests.oracle.clock import local_day, local_hour
from tests.oracle.money import number, rounded
from tests.oracle.orders import NO_ID, Posting, fold

LATE_SECONDS = 3600
AMOUNTS = ("gross", "discount", "sales", "shipping", "tax", "refunds", "cancelled")


@dataclass
class Expected:
    """`traffic`, `sales` and `quality` by local hour key, `products` by local day, then product key."""

    traffic: dict[str, dict[str, int]]
    sales: dict[str, dict[str, Any]]
    quality: dict[str, dict[str, Any]]
    products: dict[str, dict[str, Counter[str]]]


def expected_reports(arrivals: list[Arrival], shop: Shop) -> Expected:
    judge(arrivals, shop)
    accepted = [arrival for arrival in arrivals if arrival.outcome == "accepted"]
    postings = _postings(accepted)
    return Expected(
        traffic=_traffic(accepted),
        sales=_sales(postings, shop),
        quality=_quality(arrivals),
        products=_products(accepted, postings, shop),
    )


def _postings(accepted: list[Arrival]) -> list[tuple[str, Posting]]:
    """(order key, posting) of every order, each folded in the order of time."""
    by_order: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in accepted:
        if arrival.order is not None:
            arrival.order.time = arrival.time
            own = f"message {arrival.identity[0]}"
            by_order[own if arrival.order.order_id in NO_ID else arrival.order.order_id].append(arrival)
    found = []
    for key, arrivals in by_order.items():
        arrivals.sort(key=lambda one: (one.time, one.received_at, one.identity[0]))
        found += [(key, posting) for posting in fold([one.order for one in arrivals if one.order])]
    return found


def _traffic(accepted: list[Arrival]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    visitors: dict[str, set[str]] = defaultdict(set)
    for arrival in accepted:
        counts[arrival.hour]["events"] += 1
        counts[arrival.hour]["page_views"] += arrival.type in ("page", "screen")
        if arrival.type in ("page", "screen", "track") and arrival.visitor:
            visitors[arrival.hour].add(arrival.visitor)
    return {
        hour: {"events": count["events"], "page_views": count["page_views"], "visitors": len(visitors[hour])}
        for hour, count in counts.items()
    }


def _sales(postings: list[tuple[str, Posting]], shop: Shop) -> dict[str, dict[str, Any]]:
    """Amounts of orders in the shop's own currency; orders of another one have no rate here and are left to the test."""
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    for _, posting in postings:
        hour = hours[local_hour(posting.time, shop.zone)]
        hour["orders"] += posting.kind == "sale"
        hour["cancelled_orders"] += posting.kind == "cancellation"
        hour["refund_count"] += posting.kind == "refund"
        if posting.kind == "sale":
            hour["units_milli"] += sum(milli for _, milli, _ in posting.shares)
        for note, count in posting.notes.items():
            hour[note] += count
        if posting.currency == shop.currency:
            hour.update(_bridge(posting))
    return {key: dict(hour) for key, hour in hours.items()}


def _bridge(posting: Posting) -> dict[str, int]:
    if posting.kind != "sale":
        return {"refunds" if posting.kind == "refund" else "cancelled": posting.goods}
    return {
        "gross": posting.goods + posting.discount,
        "discount": posting.discount,
        "sales": posting.goods,
        "shipping": posting.shipping,
        "tax": posting.tax,
    }


def _quality(arrivals: list[Arrival]) -> dict[str, dict[str, Any]]:
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for arrival in arrivals:
        hour = hours[arrival.hour]
        hour["returned" if arrival.is_returned else "received"] += 1
        hour[arrival.outcome] += 1
        is_late = (arrival.received_at - arrival.time).total_seconds() > LATE_SECONDS
        hour["late"] += arrival.outcome == "accepted" and is_late
        if arrival.code:
            codes[arrival.hour][arrival.code] += 1
    names = ("received", "returned", "accepted", "duplicate", "bot", "rejected", "late")
    return {
        key: {name: hour[name] for name in names} | {"rejected_by_code": dict(codes[key])}
        for key, hour in hours.items()
    }


def _products(
    accepted: list[Arrival], postings: list[tuple[str, Posting]], shop: Shop
) -> dict[str, dict[str, Counter[str]]]:
    days: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    measure = {"Product Viewed": "views", "Product Added": "added_milli", "Product Removed": "removed_milli"}
    for arrival in accepted:
        key = arrival.properties.get("product_id") or arrival.properties.get("sku") or arrival.properties.get("id")
        if arrival.name in measure and key:
            row = days[str(local_day(arrival.time, shop.zone))][str(key)]
            quantity = number(arrival.properties.get("quantity"))
            milli = 1000 if quantity is None else rounded(quantity * 1000)
            row[measure[arrival.name]] += 1 if arrival.name == "Product Viewed" else milli
    for _, posting in postings:
        _add_posting(days[str(local_day(posting.time, shop.zone))], posting, shop)
    return days


def _add_posting(rows: dict[str, Counter[str]], posting: Posting, shop: Shop) -> None:
    is_sale = posting.kind == "sale"
    for key in {key for key, _, _ in posting.shares if key and is_sale}:
        rows[key]["orders"] += 1
    for key, milli, _ in posting.shares:
        rows[key or ""]["ordered_milli"] += milli
    if posting.currency == shop.currency:
        money = "revenue" if is_sale else "refunded"
        for key, _, value in posting.shares:
            rows[key or ""][money] += value
        rows[""][money] += posting.goods - sum(value for _, _, value in posting.shares)
