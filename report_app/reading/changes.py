"""Numbers of closed days that changed: the newest of a range one by one, and all of them added up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from contracts.names import Collection
from contracts.reports import SALES_AMOUNTS, Family
from contracts.restatements import Changed, Why
from report_app.reading.merchants import Merchant
from report_app.reading.ranges import View

MOST = 200
_NET_SALES = {"converted.sales": 1, "converted.refunds": -1, "converted.cancelled": -1}
_SUMMED = {Family.SALES: ("orders", *_NET_SALES), Family.TRAFFIC: ("page_views",)}


@dataclass(frozen=True, slots=True)
class Change:
    """One scope (hour key or day) of one family; `more`: numbers beside those in `changed`."""

    family: str
    day: str
    scope: str
    changed: tuple[Changed, ...]
    more: int
    reasons: tuple[str, ...]
    batch: int | None
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """`count` of all; `newest` at most MOST. Sums over all: net sales in minor units. `why`: first reasons."""

    count: int = 0
    newest: tuple[Change, ...] = ()
    orders: int = 0
    net_sales: int = 0
    page_views: int = 0
    why: tuple[Why, ...] = ()


def read_changes(database: Database[dict[str, Any]], merchant: Merchant, view: View, most: int = MOST) -> Changes:
    """What changed in the days of `view` since they were closed."""
    days = {"$gte": view.first.isoformat(), "$lte": view.last.isoformat()}
    query = {"merchant": merchant.id, "settings_version": merchant.settings_version, "day": days}
    restatements = database[Collection.RESTATEMENTS]
    by_reason = {
        one["_id"]: int(one["count"])
        for one in restatements.aggregate([{"$match": query}, {"$group": {"_id": "$why", "count": {"$sum": 1}}}])
    }
    if not by_reason:
        return Changes()
    sums = {one["_id"]: int(one["by"]) for one in restatements.aggregate(_sums(query))}
    newest = restatements.find(query).sort([("at", -1), ("_id", 1)]).limit(most)
    return Changes(
        count=sum(by_reason.values()),
        newest=tuple(_change(document) for document in newest),
        orders=sums.get("orders", 0),
        net_sales=sum(sign * sums.get(name, 0) for name, sign in _NET_SALES.items()),
        page_views=sums.get("page_views", 0),
        why=tuple(why for why in Why if why in by_reason),
    )


def _sums(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    measures = [{"family": family, "changed.measure": {"$in": list(names)}} for family, names in _SUMMED.items()]
    by = {"$sum": {"$subtract": ["$changed.after", "$changed.before"]}}
    return [
        {"$match": {**query, "family": {"$in": list(_SUMMED)}}},
        {"$unwind": "$changed"},
        {"$match": {"$or": measures}},
        {"$group": {"_id": "$changed.measure", "by": by}},
    ]


def _change(document: Mapping[str, Any]) -> Change:
    return Change(
        family=document["family"],
        day=document["day"],
        scope=document["scope"],
        changed=tuple(document["changed"]),
        more=int(document["more"]),
        reasons=tuple(document["reasons"]),
        batch=document["batch"],
        run=document["run"],
        at=document["at"],
    )


def currency_of(measure: str, own: str) -> str | None:
    """The currency of a number's path where it is an amount; `own` is the merchant's."""
    *above, name = measure.split(".")
    if above[-1:] == ["unconverted"]:
        return name
    if above[:1] == ["unconverted"] and name in SALES_AMOUNTS:
        return above[1]
    is_amount = name in ("revenue", "refunded") or (above == ["converted"] and name in SALES_AMOUNTS)
    return own if is_amount else None
