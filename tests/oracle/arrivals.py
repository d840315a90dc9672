"""Arrivals and the outcome that each deserves."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.clock import client_time, event_time, local_hour, read_time
from tests.oracle.money import BadAmount
from tests.oracle.orders import NO_ID, OrderEvent, read_order_event

TYPES = {"track", "page", "screen", "identify", "group", "alias"}
NAMES = [
    "Products Searched",
    "Product List Viewed",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
    "Order Completed",
    "Order Updated",
    "Order Refunded",
    "Order Cancelled",
]
OTHER_NAMES = {"view item": "Product Viewed", "add to cart": "Product Added", "purchase": "Order Completed"}
SERVER_ONLY = {"Order Updated", "Order Refunded", "Order Cancelled"}
BROWSER_LIBRARIES = {"footfall.js", "analytics.js"}


@dataclass(frozen=True)
class Shop:
    zone: str
    currency: str
    page_keys_may_change_orders: bool = False


@dataclass
class Arrival:
    """One message as it was received; `message` is None for bytes that were no message of any kind."""

    message: dict[str, Any] | None
    received_at: datetime
    key_kind: str = "page"
    sent_at: datetime | None = None
    user_agent: str | None = None
    reject_code: str | None = None
    is_returned: bool = False
    outcome: str = field(default="", init=False)
    code: str | None = field(default=None, init=False)
    hour: str = field(default="", init=False)
    time: datetime = field(init=False)
    name: str | None = field(default=None, init=False)
    order: OrderEvent | None = field(default=None, init=False)

    @property
    def type(self) -> str:
        return str((self.message or {}).get("type"))

    @property
    def visitor(self) -> str | None:
        found = (self.message or {}).get("anonymousId")
        return str(found) if found not in (None, "") else None

    @property
    def properties(self) -> dict[str, Any]:
        return (self.message or {}).get("properties") or {}

    @property
    def identity(self) -> tuple[str, datetime | None]:
        assert self.message is not None
        own = self.message.get("messageId")
        return (str(own) if own else json.dumps(self.message), client_time(self.message))


def judge(arrivals: list[Arrival], shop: Shop) -> None:
    """Gives every arrival its time, hour and outcome; `arrivals` are in the order in which they were received."""
    seen: set[tuple[str, datetime | None]] = set()
    for arrival in sorted(arrivals, key=lambda one: one.received_at):
        arrival.code = arrival.reject_code or _code(arrival, shop)
        arrival.time = _time(arrival)
        arrival.hour = local_hour(arrival.time, shop.zone)
        if arrival.code:
            arrival.outcome = "rejected"
        elif arrival.identity in seen:
            arrival.outcome = "duplicate"
        else:
            seen.add(arrival.identity)
            arrival.outcome = "bot" if _is_bot(arrival) else "accepted"


def _time(arrival: Arrival) -> datetime:
    try:
        client = client_time(arrival.message or {})
    except ValueError:
        return arrival.received_at
    return event_time(client, arrival.sent_at, arrival.received_at)


def _code(arrival: Arrival, shop: Shop) -> str | None:
    message = arrival.message
    if message is None:
        return "bad_json"
    if message.get("type") not in TYPES:
        return "unknown_type"
    if arrival.type == "track" and not str(message.get("event") or "").strip():
        return "no_event_name"
    if not isinstance(message.get("properties") or {}, dict):
        return "bad_properties"
    try:
        client_time(message)
        read_time(message.get("sentAt"))
    except ValueError:
        return "bad_time"
    return _code_of_age(arrival) or _code_of_track(arrival, shop)


def _code_of_age(arrival: Arrival) -> str | None:
    is_old = _time(arrival) < arrival.received_at - timedelta(days=7)
    return "too_old" if is_old and arrival.key_kind == "page" else None


def _code_of_track(arrival: Arrival, shop: Shop) -> str | None:
    if arrival.type != "track":
        return None
    arrival.name = _canonical(str((arrival.message or {}).get("event")).strip())
    if not arrival.name.startswith("Order "):
        return None
    if arrival.name in SERVER_ONLY and arrival.key_kind == "page" and not shop.page_keys_may_change_orders:
        return "needs_server_key"
    return _code_of_order(arrival, shop)


def _canonical(name: str) -> str:
    folded = " ".join(name.replace("_", " ").lower().split())
    by_folded = {known.lower(): known for known in NAMES} | OTHER_NAMES
    return by_folded.get(folded, name)


def _code_of_order(arrival: Arrival, shop: Shop) -> str | None:
    order_id = str(arrival.properties.get("order_id") or "").strip()
    if order_id in NO_ID and arrival.name != "Order Completed":
        return "no_order_id"
    try:
        arrival.order = read_order_event(arrival.name or "", arrival.properties, order_id, shop.currency)
    except BadAmount as problem:
        return problem.code
    return None


def _is_bot(arrival: Arrival) -> bool:
    context = (arrival.message or {}).get("context") or {}
    is_browser = (context.get("library") or {}).get("name") in BROWSER_LIBRARIES
    agent = context.get("userAgent") or arrival.user_agent or ""
    return is_browser and "bot" in agent.lower() and not (arrival.name or "").startswith("Order ")
