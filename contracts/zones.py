"""Local hours and days of a merchant, from one pinned time zone database (the `tzdata` package).

An hour is keyed by the UTC instant of its start (`2026-10-25T00:00Z`); a day runs from its first instant to the next
day's, so days of 23, 23.5, 24.5 and 25 hours and zones of half and quarter hours are right.
"""

import zoneinfo
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

zoneinfo.reset_tzpath(to=())
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2060, 1, 1, tzinfo=UTC)


class UnknownZone(ValueError):
    """The name is not in the pinned time zone database."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(f"{name!r} is no IANA time zone: use a name such as Europe/Berlin.") from error


@cache
def zone_names() -> tuple[str, ...]:
    """The names of places that a shop may be in, sorted, and UTC."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"))


@cache
def transitions(name: str) -> tuple[tuple[int, int], ...]:
    """(instant in Unix seconds, offset from UTC in seconds from then on), oldest first, 1970 to 2060.

    The first instant is 0; a time before 1970 takes the first offset.
    """
    found = [(0, _offset(name, _FIRST))]
    day = _FIRST
    while day < _LAST:
        following = day + timedelta(days=1)
        if _offset(name, following) != found[-1][1]:
            instant = _first_instant_of_change(name, day, following)
            found.append((int(instant.timestamp()), _offset(name, instant)))
        day = following
    return tuple(found)


def _offset(name: str, instant: datetime) -> int:
    offset = instant.astimezone(zone(name)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _first_instant_of_change(name: str, low: datetime, high: datetime) -> datetime:
    before = _offset(name, low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _offset(name, middle) == before else (low, middle)
    return high


def offset_seconds(name: str, unix_seconds: int) -> int:
    """Offset from UTC that the zone has at that instant."""
    return _at(name, unix_seconds)[1]


def _at(name: str, unix_seconds: int) -> tuple[int, int]:
    table = transitions(name)
    place = bisect_right(table, (unix_seconds, 1 << 40)) - 1
    return table[max(place, 0)]


def hour_start(name: str, instant: datetime) -> datetime:
    """The UTC instant at which the local hour that holds `instant` starts.

    An hour that a change of offset cuts starts at that change.
    """
    unix = int(instant.timestamp() // 1)
    since, offset = _at(name, unix)
    start = unix - (unix + offset) % 3600
    return datetime.fromtimestamp(max(start, since) if since > 0 else start, UTC)


def local_date(name: str, instant: datetime) -> date:
    unix = int(instant.timestamp() // 1)
    return (_FIRST + timedelta(seconds=unix + offset_seconds(name, unix))).date()


def day_start(name: str, day: date) -> datetime:
    """The first UTC instant whose local date is `day` (or later, where the day does not exist)."""
    guess = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    low, high = guess - 16 * 3600, guess + 16 * 3600
    while high - low > 1:
        middle = (low + high) // 2
        is_before = local_date(name, datetime.fromtimestamp(middle, UTC)) < day
        low, high = (middle, high) if is_before else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def day_bounds(name: str, day: date) -> tuple[datetime, datetime]:
    """[first instant of the day, first instant of the next)."""
    return day_start(name, day), day_start(name, day + timedelta(days=1))


def hours_of_day(name: str, day: date) -> list[datetime]:
    """The starts of the local hours of that day, in order."""
    start, end = day_bounds(name, day)
    hours, instant = [], start
    while instant < end:
        hours.append(instant)
        instant = _next_hour(name, instant)
    return hours


def _next_hour(name: str, start: datetime) -> datetime:
    unix = int(start.timestamp())
    offset = offset_seconds(name, unix)
    following = unix + 3600 - (unix + offset) % 3600
    later = [since for since, _ in transitions(name) if unix < since < following]
    return datetime.fromtimestamp(later[0] if later else following, UTC)


def hour_key(start: datetime) -> str:
    """`2026-10-25T00:00Z`; with seconds where an hour starts within a minute (zones before their standard time)."""
    form = "%Y-%m-%dT%H:%MZ" if start.second == 0 else "%Y-%m-%dT%H:%M:%SZ"
    return start.astimezone(UTC).strftime(form)


def hour_of_key(key: str) -> datetime:
    return datetime.fromisoformat(key).astimezone(UTC)
