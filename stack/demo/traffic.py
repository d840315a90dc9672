"""All that a demo shop sends: seeded visits over some weeks, with copies and messages that are no good."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stack.demo.orders import check_out
from stack.demo.people import Crowd, some_id
from stack.demo.shops import Shop
from stack.demo.tally import Tally
from stack.demo.visits import Sending, Visit, stamp, walk

BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 11, 12, 14, 16, 17, 15, 9, 4)
BY_WEEKDAY = (0.9, 0.85, 0.9, 0.95, 1.0, 1.25, 1.3)
COPIES_SHARE = 0.012
BAD_SHARE = 0.003
_CURRENCY = {"currency": "vouchers"}
BAD_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("negative_amount", {"event": "Order Completed", "properties": {"order_id": "bad-1", "revenue": -12.5}}),
    ("bad_currency", {"event": "Order Completed", "properties": {"order_id": "bad-2", "revenue": 10} | _CURRENCY}),
    ("bad_products", {"event": "Order Completed", "properties": {"order_id": "bad-3", "products": "two mugs"}}),
    ("no_event_name", {"properties": {"button": "buy"}}),
    ("unknown_type", {"type": "purchase", "event": "Order Completed"}),
    ("bad_time", {"event": "Newsletter Signed Up", "timestamp": "yesterday"}),
)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one shop sends, in the order of time, and what it adds up to."""

    shop: Shop
    sendings: list[Sending]
    tally: Tally


def make_traffic(shop: Shop, visits: int, days: int, until: datetime, seed: str) -> Traffic:
    """`visits` visits on the `days` local days that end with the day of `until`; the same seed gives the same traffic."""
    chance = random.Random(f"{seed}/{shop.merchant}/{until.isoformat()}")
    tally, crowd, sendings = Tally(shop.time_zone), Crowd(chance), []
    for start in _starts(shop, visits, days, until, chance):
        visit = Visit(shop, crowd.visitor(), start, until, tally, chance)
        walk(visit)
        check_out(visit)
        sendings += visit.sendings
    sendings += _copies(sendings, tally, chance) + _bad(sendings, tally, chance)
    return Traffic(shop, sorted(sendings, key=lambda sending: sending.at), tally)


def _starts(shop: Shop, visits: int, days: int, until: datetime, chance: random.Random) -> list[datetime]:
    """When visits begin: more at weekends and in the evening, a little more every week."""
    place = ZoneInfo(shop.time_zone)
    last = until.astimezone(place).date()
    dates = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    weights = [
        BY_WEEKDAY[day.weekday()] * (1 + 0.4 * at / days) * chance.uniform(0.85, 1.15) for at, day in enumerate(dates)
    ]
    starts = [_start(day, place, chance) for day in chance.choices(dates, weights, k=visits)]
    return sorted(start for start in starts if start < until)


def _start(day: date, place: ZoneInfo, chance: random.Random) -> datetime:
    hour = chance.choices(range(24), BY_HOUR)[0]
    local = datetime(day.year, day.month, day.day, hour, chance.randrange(60), chance.randrange(60), tzinfo=place)
    return local.astimezone(UTC)


def _copies(sendings: list[Sending], tally: Tally, chance: random.Random) -> list[Sending]:
    """Messages that a client sent again because it did not hear the answer."""
    repeated = [sending for sending in sendings if chance.random() < COPIES_SHARE]
    for _ in repeated:
        tally.copy()
    return [Sending(one.at + timedelta(seconds=20), one.message, one.needs_server_key) for one in repeated]


def _bad(sendings: list[Sending], tally: Tally, chance: random.Random) -> list[Sending]:
    """Messages of a shop's developer on a bad day."""
    bad = []
    for number, sending in enumerate(one for one in sendings if chance.random() < BAD_SHARE):
        code, fields = BAD_FIELDS[number % len(BAD_FIELDS)]
        base = {"type": "track", "anonymousId": "developer", "timestamp": stamp(sending.at)}
        bad.append(Sending(sending.at, base | {"messageId": some_id(chance)} | fields))
        tally.bad(code)
    return bad
