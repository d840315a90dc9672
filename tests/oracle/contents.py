"""Whole contents of reports, word for word as their checksums cover them.

For arrivals whose `received_at` is the collector's own; for orders in the shop's currency, whose lines name a product
and nothing else of it.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from tests.oracle.arrivals import Arrival, Shop
from tests.oracle.clock import CLOCK_TOLERANCE, client_time, local_day
from tests.oracle.reports import AMOUNTS, Expected, expected_reports

Content = dict[str, Any]
EDGES_SECONDS = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800)
ATTRIBUTES = ("name", "brand", "category", "variant")
MEASURES = ("views", "added_milli", "removed_milli", "ordered_milli", "orders", "revenue", "refunded")
NOTES = (
    "amounts_disagree",
    "order_repeated",
    "order_without_id",
    "refund_unmatched",
    "refund_over",
    "price_missing",
)
COMMERCE_WORDS = ("order", "product", "cart", "checkout", "purchase", "refund", "payment", "coupon", "basket")
CUSTOM_NAMES = {"Basket Shaken", "Newsletter Signed Up"}
"""Names that the tests send and no specification knows."""


def whole_contents(arrivals: list[Arrival], shop: Shop) -> dict[str, Content]:
    """By `<family>/<hour or day>`; a report that holds nothing but zeros may be missing."""
    expected = expected_reports(arrivals, shop)
    by_hour: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_hour[arrival.hour].append(arrival)
    contents = {f"traffic/{hour}": _traffic(expected, hour, of_hour) for hour, of_hour in by_hour.items()}
    contents |= {f"quality/{hour}": _quality(expected, hour, of_hour) for hour, of_hour in by_hour.items()}
    contents |= {f"sales/{hour}": _sales(counts, shop) for hour, counts in expected.sales.items()}
    seen = _attributes(arrivals, shop)
    contents |= {f"products/{day}": _products(rows, seen[day], shop) for day, rows in expected.products.items()}
    return without_zeros(contents)


def without_zeros(contents: dict[str, Content]) -> dict[str, Content]:
    """Those that hold anything: a row, a name or a count."""
    return {key: content for key, content in contents.items() if _holds_something(content)}


def _holds_something(content: Any) -> bool:
    if isinstance(content, dict):
        return any(_holds_something(value) for key, value in content.items() if key != "currency")
    return any(map(_holds_something, content)) if isinstance(content, list) else bool(content)


def _traffic(expected: Expected, hour: str, arrivals: list[Arrival]) -> Content:
    none = {"events": 0, "page_views": 0, "visitors": 0}
    cookieless = sum(one.outcome == "accepted" and _is_cookieless(one) for one in arrivals)
    return none | expected.traffic.get(hour, {}) | {"cookieless": cookieless}


def _is_cookieless(arrival: Arrival) -> bool:
    return bool(_context(arrival).get("cookieless")) and arrival.visitor is None


def _context(arrival: Arrival) -> dict[str, Any]:
    return (arrival.message or {}).get("context") or {}


def _quality(expected: Expected, hour: str, arrivals: list[Arrival]) -> Content:
    accepted = [arrival for arrival in arrivals if arrival.outcome == "accepted"]
    names = Counter(str(one.name) for one in accepted if _looks_like_commerce(one))
    return expected.quality[hour] | {
        "clock_corrected": sum(map(_is_clock_corrected, accepted)),
        "id_reused": _reused_ids(arrivals),
        "custom_names": dict(names),
        "lateness": _lateness(accepted),
    }


def _looks_like_commerce(arrival: Arrival) -> bool:
    name = arrival.name or ""
    return name in CUSTOM_NAMES and any(word in name.lower() for word in COMMERCE_WORDS)


def _is_clock_corrected(arrival: Arrival) -> bool:
    client = client_time(arrival.message or {})
    if client is None:
        return False
    sent_at = arrival.sent_at
    is_wrong = sent_at is not None and abs(arrival.received_at - sent_at) > CLOCK_TOLERANCE
    return is_wrong or client > arrival.received_at + CLOCK_TOLERANCE


def _reused_ids(arrivals: list[Arrival]) -> int:
    """Accepted events whose id another event of the hour had before."""
    events = [arrival for arrival in arrivals if arrival.outcome in ("accepted", "bot")]
    seen: set[str] = set()
    count = 0
    for event in sorted(events, key=lambda one: (one.time, one.received_at)):
        count += event.outcome == "accepted" and event.identity[0] in seen
        seen.add(event.identity[0])
    return count


def _lateness(accepted: list[Arrival]) -> list[int]:
    buckets = [0] * (len(EDGES_SECONDS) + 1)
    for arrival in accepted:
        late = arrival.received_at - arrival.time
        buckets[sum(late > timedelta(seconds=edge) for edge in EDGES_SECONDS)] += 1
    return buckets


def _sales(counts: Content, shop: Shop) -> Content:
    names = (*AMOUNTS, "orders", "cancelled_orders")
    amounts = {name: counts.get(name, 0) for name in names}
    head = {name: counts.get(name, 0) for name in ("orders", "cancelled_orders", "refund_count", "units_milli")}
    return head | {
        "currency": shop.currency,
        "converted": amounts,
        "by_currency": {shop.currency: amounts},
        "unconverted": {},
        "notes": {name: counts.get(name, 0) for name in NOTES},
    }


def _attributes(arrivals: list[Arrival], shop: Shop) -> dict[str, dict[str, dict[str, str]]]:
    """{day: {product: {attribute: its latest value}}}"""
    days: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    used = [one for one in arrivals if one.outcome == "accepted" and (one.name or "").startswith("Product ")]
    for arrival in sorted(used, key=lambda one: (one.time, one.identity[0])):
        own = {name: arrival.properties[name] for name in ATTRIBUTES if arrival.properties.get(name)}
        days[str(local_day(arrival.time, shop.zone))][str(arrival.properties.get("product_id"))] |= own
    return days


def _products(rows: dict[str, Counter[str]], seen: dict[str, dict[str, str]], shop: Shop) -> Content:
    rest = rows.get("", Counter())
    named = {key: row for key, row in rows.items() if key}
    by_size = sorted(named, key=lambda key: (-named[key]["revenue"], -named[key]["views"], key))
    return {
        "currency": shop.currency,
        "rows": [_product(key, named[key], seen.get(key, {})) for key in by_size],
        "other": None,
        "not_on_product": {"revenue": rest["revenue"], "refunded": rest["refunded"]},
        "unconverted": {},
    }


def _product(key: str, row: Counter[str], seen: dict[str, str]) -> Content:
    attributes = {name: seen.get(name) for name in ATTRIBUTES}
    return {"key": key} | attributes | {name: row[name] for name in MEASURES}
