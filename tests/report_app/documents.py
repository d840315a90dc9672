"""Report documents as the jobs write them, composed through contracts: a valid base plus what makes the case."""

from datetime import UTC, date, datetime
from functools import cache

from datasketches import hll_sketch

from contracts.errors import ErrorCode
from contracts.names import BatchState, Collection, Topic
from contracts.reports import (
    LATENESS_EDGES_SECONDS,
    REPORT_SCHEMA,
    SALES_AMOUNTS,
    SALES_COUNTS,
    SALES_NOTES,
    SHAPES,
    Family,
    report_checksum,
    report_id,
)
from contracts.zones import hour_key, local_date, zone
from report_app.accounts import new_user

NOW = datetime(2026, 11, 24, 13, 32, 48, tzinfo=UTC)
PASSWORD = "a long enough password"


def merchant(**overrides):
    return {
        "_id": "nordlicht",
        "name": "Nordlicht Outdoor",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "settings_version": 1,
        "key_generation": 1,
    } | overrides


@cache
def _anna():
    return new_user("anna@example.com", PASSWORD, ["nordlicht"], "Anna Berg", "en_GB", NOW)


def user(**overrides):
    return _anna() | overrides


def receipt(**overrides):
    base = dict.fromkeys(("received", "returned", "accepted", "duplicate", "bot", "rejected"), 0)
    return (
        base
        | {
            "epoch": 1,
            "sequence": 41,
            "snapshot": "77",
            "last_event_at": "2026-11-24T13:31:58Z",
            "versions": {"settings": 1, "rates": 3, "rules": 1, "bots": "1.67.0"},
            "run": "asset_triggered__2026-11-24T13:32:31",
            "batch": 41,
            "computed_at": "2026-11-24T13:32:41Z",
        }
        | overrides
    )


def traffic(visitors=(), **overrides):
    """(content, extra) with the sketch of these visitor ids."""
    content = {"events": 0, "page_views": 0, "visitors": len(set(visitors)), "cookieless": 0} | overrides
    sketch = hll_sketch(12)
    for visitor in visitors:
        sketch.update(visitor)
    return content, {"sketch": sketch.serialize_compact()} if visitors else {}


def sales(currency="EUR", amounts=None, unconverted=None, notes=None, **counts):
    """`amounts` in minor units; gross follows from sales and discount."""
    converted = dict.fromkeys((*SALES_AMOUNTS, "orders", "cancelled_orders"), 0) | (amounts or {})
    converted["gross"] = converted["sales"] + converted["discount"]
    content = dict.fromkeys(SALES_COUNTS, 0) | counts
    converted["orders"] = (amounts or {}).get("orders", content["orders"])
    return content | {
        "currency": currency,
        "converted": converted,
        "by_currency": {currency: dict(converted)} | (unconverted or {}),
        "unconverted": unconverted or {},
        "notes": dict.fromkeys(SALES_NOTES, 0) | (notes or {}),
    }


def quality(**overrides):
    base = dict.fromkeys(SHAPES[Family.QUALITY].measures, 0)
    rejected = overrides.get("rejected", 0)
    base |= {
        "rejected_by_code": {str(ErrorCode.BAD_JSON): rejected} if rejected else {},
        "custom_names": {},
        "lateness": [0] * (len(LATENESS_EDGES_SECONDS) + 1),
    }
    return base | overrides


def product(key, **overrides):
    base = dict.fromkeys(SHAPES[Family.PRODUCTS].measures, 0)
    attributes = {"name": f"Product {key}", "brand": None, "category": None, "variant": None}
    return {"key": key} | attributes | base | {"unconverted": {}} | overrides


def products(*rows, **overrides):
    ordered = sorted(rows, key=lambda row: (-row["revenue"], -row["views"], row["key"]))
    rest = {"revenue": 0, "refunded": 0}
    return {"currency": "EUR", "rows": ordered, "other": None, "not_on_product": rest, "unconverted": {}} | overrides


def scope(family, shop, key, content, extra=None, **receipt_overrides):
    """One computed scope: content with its checksum, receipt and version."""
    return {
        "content": content,
        "extra": extra or {},
        "receipt": receipt(**receipt_overrides),
        "checksum": report_checksum(shop, family, key, content),
        "version": {"settings": 1, "epoch": 1, "sequence": 41},
    }


def identity(family, shop, day):
    return {
        "_id": report_id(shop, 1, family, day.isoformat()),
        "merchant": shop,
        "settings_version": 1,
        "family": str(family),
        "day": day.isoformat(),
        "schema": REPORT_SCHEMA,
    }


def restatement(name, family, scope, changed, **overrides):
    """`changed`: (measure, before, after) of each."""
    return {
        "_id": name,
        "merchant": "nordlicht",
        "settings_version": 1,
        "family": str(family),
        "scope": scope,
        "day": scope[:10],
        "changed": [{"measure": m, "before": before, "after": after} for m, before, after in changed],
        "more": 0,
        "why": overrides.get("reasons", ["late"])[0],
        "reasons": ["late"],
        "batch": 41,
        "run": "asset_triggered__2026-11-24T13:32:31",
        "at": NOW,
    } | overrides


class Archive:
    """Writes reports and their calendar as the jobs do."""

    def __init__(self, database, shop="nordlicht", zone="Europe/Berlin"):
        self.database, self.shop, self.zone = database, shop, zone

    def hour(self, family, start: datetime, content, extra=None, **receipt_overrides):
        key = hour_key(start)
        day = local_date(self.zone, start)
        self.list_hour(day, key)
        document = scope(family, self.shop, key, content, extra, **receipt_overrides)
        head = identity(family, self.shop, day)
        self.database[Collection.REPORTS].update_one(
            {"_id": head.pop("_id")}, {"$set": head | {f"hours.{key}": document}}, upsert=True
        )

    def hours(self, start: datetime, visitors=(), page_views=0, orders=0, goods=0, **sales_amounts):
        """One hour of all three hour families, whose books balance."""
        events = page_views + orders
        counts = {"received": events, "accepted": events}
        content, extra = traffic(visitors, events=events, page_views=page_views, cookieless=page_views // 2)
        lateness = [events, *[0] * len(LATENESS_EDGES_SECONDS)]
        self.hour(Family.TRAFFIC, start, content, extra, **counts)
        amounts = {"sales": goods} | sales_amounts
        self.hour(Family.SALES, start, sales(amounts=amounts, orders=orders, units_milli=1000 * orders), **counts)
        self.hour(Family.QUALITY, start, quality(lateness=lateness, **counts), **counts)

    def day(self, day: date, content, **receipt_overrides):
        head = identity(Family.PRODUCTS, self.shop, day)
        whole = head | scope(Family.PRODUCTS, self.shop, day.isoformat(), content, **receipt_overrides)
        self.database[Collection.REPORTS].replace_one({"_id": head["_id"]}, whole, upsert=True)

    def list_hour(self, day: date, key: str):
        self.database[Collection.CALENDAR].update_one(
            {"_id": f"{self.shop}/{day:%Y-%m}"},
            {
                "$set": {"merchant": self.shop, "month": f"{day:%Y-%m}"},
                "$addToSet": {f"days.{day:%d}": key},
            },
            upsert=True,
        )


def commit_batch(database, watermark, number=41, state=BatchState.COMMITTED, **overrides):
    document = {"_id": number, "topic": str(Topic.EVENTS), "state": str(state), "watermark": watermark} | overrides
    database[Collection.BATCHES].replace_one({"_id": number}, document, upsert=True)


def local_hour(text: str) -> datetime:
    """`2026-11-24 10` on Berlin's clock."""
    return datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=zone("Europe/Berlin")).astimezone(UTC)
