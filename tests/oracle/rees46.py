"""The numbers that a REES46 file holds, straight from its rows: no message, no job, no contract between."""

import csv
import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

FORM = "%Y-%m-%d %H:%M:%S UTC"
UTC_ZONE = ZoneInfo("UTC")


@dataclass
class FileNumbers:
    """By hour key: events, visitors, orders, sales (cents). By day and product: views, added, ordered, revenue."""

    rows: int = 0
    repeated: int = 0
    events: Counter[str] = field(default_factory=Counter)
    visitors: dict[str, int] = field(default_factory=dict)
    orders: Counter[str] = field(default_factory=Counter)
    sales: Counter[str] = field(default_factory=Counter)
    products: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )


def file_numbers(path: Path, zone: str = "UTC") -> FileNumbers:
    """Zones of whole hours only: the key of an hour is the row's own hour."""
    numbers, visitors, seen = FileNumbers(), defaultdict(set), set()
    with gzip.open(path, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            numbers.rows += 1
            if tuple(row.values()) in seen:
                numbers.repeated += 1
                continue
            seen.add(tuple(row.values()))
            time = datetime.strptime(row["event_time"], FORM).replace(tzinfo=UTC_ZONE)
            hour = time.strftime("%Y-%m-%dT%H:00Z")
            numbers.events[hour] += 1
            visitors[hour].add(row["user_id"])
            _add(numbers, row, hour, str(time.astimezone(ZoneInfo(zone)).date()))
    numbers.visitors = {hour: len(found) for hour, found in visitors.items()}
    return numbers


def _add(numbers: FileNumbers, row: dict[str, str], hour: str, day: str) -> None:
    product = numbers.products[day][row["product_id"]]
    cents = int(Decimal(row["price"]) * 100)
    if row["event_type"] == "view":
        product["views"] += 1
    elif row["event_type"] == "cart":
        product["added"] += 1
    else:
        numbers.orders[hour] += 1
        numbers.sales[hour] += cents
        product["ordered"] += 1
        product["revenue"] += cents
