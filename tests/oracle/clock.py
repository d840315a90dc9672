"""Times of messages, and the local hours and days that they fall into."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

CLOCK_TOLERANCE = timedelta(minutes=5)


def read_time(value: Any) -> datetime | None:
    """None for no time; raises ValueError for one that cannot be read. Without a zone it is UTC."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if value >= 1e11 else value, UTC)
    time = datetime.fromisoformat(str(value).strip())
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def client_time(message: dict[str, Any]) -> datetime | None:
    return read_time(message.get("originalTimestamp")) or read_time(message.get("timestamp"))


def event_time(client: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    if client is None:
        return received_at
    is_clock_right = sent_at is None or abs(received_at - sent_at) <= CLOCK_TOLERANCE
    time = client if is_clock_right or sent_at is None else received_at - (sent_at - client)
    return received_at if time > received_at + CLOCK_TOLERANCE else time


def local_hour(time: datetime, zone: str) -> str:
    """The key of the local hour that holds `time`: the UTC instant of its start.

    Walks back minute by minute until the local clock's hour is another one, so that no arithmetic is shared with
    anyone.
    """
    return _hour_of_minute(time.replace(second=0, microsecond=0), zone)


@cache
def _hour_of_minute(start: datetime, zone: str) -> str:
    place = ZoneInfo(zone)
    name = _clock_hour(start, place)
    while _clock_hour(start - timedelta(minutes=1), place) == name:
        start -= timedelta(minutes=1)
    return start.strftime("%Y-%m-%dT%H:%MZ")


def _clock_hour(time: datetime, place: ZoneInfo) -> tuple[Any, ...]:
    local = time.astimezone(place)
    return (local.date(), local.hour, local.utcoffset())


def local_day(time: datetime, zone: str) -> date:
    return time.astimezone(ZoneInfo(zone)).date()
