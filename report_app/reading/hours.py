"""Local hours of a merchant's days, cached: a range of 90 days asks for the same ones on every page."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.zones import day_bounds, hour_key, hours_of_day, zone


@dataclass(frozen=True, slots=True)
class Hour:
    """One local hour: [start, end) in UTC; `clock` is what the merchant's clock shows at its start."""

    day: date
    start: datetime
    end: datetime
    key: str
    clock: int


@lru_cache(maxsize=8192)
def hours_on(zone_name: str, day: date) -> tuple[Hour, ...]:
    """The local hours of `day`, in order; 23 to 25 of them where clocks change."""
    starts = hours_of_day(zone_name, day)
    ends = [*starts[1:], day_bounds(zone_name, day)[1]]
    local: ZoneInfo = zone(zone_name)
    return tuple(
        Hour(day, start, end, hour_key(start), start.astimezone(local).hour)
        for start, end in zip(starts, ends, strict=True)
    )
