"""Compares the reports of a shop with what the demo's tally says was sent."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pymongo.database import Database

from contracts.names import Collection
from contracts.reports import Family
from stack.demo.tally import Tally

AMOUNTS = ("sales", "discount", "shipping", "tax", "refunds", "cancelled")
COUNTS = ("orders", "refund_count", "cancelled_orders")
BOOKS = ("received", "accepted", "duplicate", "bot", "rejected")


def differences(database: Database[dict[str, Any]], merchant: str, tally: Tally) -> list[str]:
    """One sentence a number that is not what was sent; empty when the reports are right."""
    return [
        *_traffic(_hours(database, merchant, Family.TRAFFIC), tally),
        *_sales(_hours(database, merchant, Family.SALES), tally),
        *_quality(_hours(database, merchant, Family.QUALITY), tally),
        *_products(_days(database, merchant), tally),
    ]


def _hours(database: Database[dict[str, Any]], merchant: str, family: Family) -> dict[str, dict[str, Any]]:
    documents = database[Collection.REPORTS].find({"merchant": merchant, "family": family})
    return {key: hour["content"] for document in documents for key, hour in document["hours"].items()}


def _days(database: Database[dict[str, Any]], merchant: str) -> dict[str, dict[str, Any]]:
    documents = database[Collection.REPORTS].find({"merchant": merchant, "family": Family.PRODUCTS})
    return {document["day"]: document["content"] for document in documents}


def _traffic(hours: dict[str, dict[str, Any]], tally: Tally) -> Iterator[str]:
    for key in sorted(hours.keys() | tally.hours.keys()):
        found, sent = hours.get(key, {}), tally.hours.get(key, Counter())
        for name in ("events", "page_views"):
            yield from _differs(f"{name} at {key}", found.get(name, 0), sent[name])
        yield from _differs(f"visitors at {key}", found.get("visitors", 0), len(tally.visitors.get(key, ())))


def _sales(hours: dict[str, dict[str, Any]], tally: Tally) -> Iterator[str]:
    foreign: Counter[str] = Counter()
    for key in sorted(hours.keys() | tally.hours.keys()):
        found, sent = hours.get(key, {}), tally.hours.get(key, Counter())
        for name in COUNTS:
            yield from _differs(f"{name} at {key}", found.get(name, 0), sent[name])
        for name in AMOUNTS:
            yield from _differs(f"{name} at {key}", found.get("converted", {}).get(name, 0), sent[name])
        foreign.update({code: own["sales"] for code, own in found.get("unconverted", {}).items()})
    yield from _differs("sales without a rate", dict(foreign), dict(tally.foreign))


def _quality(hours: dict[str, dict[str, Any]], tally: Tally) -> Iterator[str]:
    books: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for hour in hours.values():
        books.update({name: hour[name] for name in BOOKS})
        codes.update(hour["rejected_by_code"])
    sent = {"received": tally.received, "accepted": tally.accepted, "duplicate": tally.duplicate, "bot": tally.bot}
    for name, count in (sent | {"rejected": tally.rejected.total()}).items():
        yield from _differs(name, books[name], count)
    yield from _differs("rejected by code", dict(codes), dict(tally.rejected))


def _products(days: dict[str, dict[str, Any]], tally: Tally) -> Iterator[str]:
    for day in sorted(days.keys() | tally.days.keys()):
        rows = {row["key"]: row for row in days[day]["rows"]} if day in days else {}
        sent = tally.days.get(day, {})
        for key in sorted(rows.keys() | sent.keys()):
            row, product = rows.get(key, {}), sent.get(key, Counter())
            yield from _differs(f"views of {key} on {day}", row.get("views", 0), product["views"])
            yield from _differs(f"revenue of {key} on {day}", row.get("revenue", 0), product["revenue"])
            for name in ("added", "removed", "ordered"):
                yield from _differs(f"{name} {key} on {day}", row.get(f"{name}_milli", 0), product[name] * 1000)


def _differs(what: str, found: object, sent: object) -> Iterator[str]:
    if found != sent:
        yield f"{what}: reported {found}, sent {sent}"
