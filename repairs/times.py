"""Times in formats that the jobs do not read, as ISO 8601 in UTC.

Day and month are not guessed: 5/6/2026 stays in the inbox, 13/6/2026 can only be June. With dots the day comes first, as
everywhere where dots are used. A time without a zone is UTC, as on the main road.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from repairs.json_text import Message, Number
from repairs.places import text_of, value_at, with_value

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_CLOCK = (
    r"(?:[T,]? *(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9})\d*)?)?"
    r"(?: ?(?P<half>[AP]M))?)?"
)
_ZONE = r"(?: ?(?:UTC|GMT|Z)?(?P<zone>[+-]\d{2}:?(?:\d{2})?)?)?(?: \([^)]*\))?"
_WEEKDAY = r"(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*,? )?"
_MONTH = r"(?P<name>(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\.?)"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_CLOCK}{_ZONE}",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<part>\.\d+)?"
        r"(?:Z|(?P<zone>[+-]\d{2}:?(?:\d{2})?))?",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_CLOCK}{_ZONE}",
        rf"(?P<one>\d{{1,2}})[/-](?P<other>\d{{1,2}})[/-](?P<year>\d{{4}}){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:ST|ND|RD|TH)?[ -]{_MONTH},?[ -](?P<year>\d{{4}}){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}{_MONTH} (?P<day>\d{{1,2}})(?:ST|ND|RD|TH)?,? (?P<year>\d{{4}}){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}{_MONTH} +(?P<day>\d{{1,2}}) (?P<hour>\d{{2}}):(?P<minute>\d{{2}}):(?P<second>\d{{2}}) (?P<year>\d{{4}})",
    )
)
_DOT_NET = re.compile(r"/DATE\((\d{11,13})(?:[+-]\d{4})?\)/")
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def readable_time(message: Message, field: str | None) -> Message | None:
    """`timestamp` and `originalTimestamp`, whichever is in question."""
    if field not in ("timestamp", "originalTimestamp"):
        return None
    instant = instant_of(value_at(message, field))
    if instant is None or not _FIRST <= instant < _LAST:
        return None
    return with_value(message, field, instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def instant_of(value: Any) -> datetime | None:
    """The instant (UTC) that a text, number or `{"$date": …}` names; None where it is none, or could be two."""
    try:
        if isinstance(value, dict):
            return _of_object(value)
        text = text_of(value)
        return None if text is None else _of_number(text) or _of_text(" ".join(text.upper().split()))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _of_object(value: Message) -> datetime | None:
    """As MongoDB (`$date`) and Firestore (`seconds`) write it."""
    if set(value) == {"$date"} and isinstance(value["$date"], str):
        text = str(value["$date"])
        return _of_number(text) or _of_text(" ".join(text.upper().split()))
    seconds = value.get("seconds", value.get("_seconds"))
    return datetime.fromtimestamp(int(seconds), UTC) if isinstance(seconds, Number) else None


def _of_number(text: str) -> datetime | None:
    """Microseconds have 16 digits and nanoseconds 19; milliseconds only stand in what the jobs do not unpack."""
    dot_net = _DOT_NET.fullmatch(text.upper())
    digits = dot_net[1] if dot_net else text
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (11, 12, 13, 16, 19):
        return None
    thousandths = int(digits) // 1000 ** max(0, (len(digits) - 13) // 3)
    return _FIRST + timedelta(milliseconds=thousandths)


def _of_text(text: str) -> datetime | None:
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return _of_parts({name: part for name, part in found.groupdict().items() if part})
    return None


def _of_parts(parts: dict[str, str]) -> datetime | None:
    day_and_month = _day_and_month(parts)
    hour = _hour(int(parts.get("hour", 0)), parts.get("half"))
    if day_and_month is None or hour is None:
        return None
    day, month = day_and_month
    micros = int(parts.get("part", "").lstrip(".")[:6].ljust(6, "0"))
    clock = (hour, int(parts.get("minute", 0)), int(parts.get("second", 0)), micros)
    return datetime(int(parts["year"]), month, day, *clock, tzinfo=_zone(parts.get("zone"))).astimezone(UTC)


def _day_and_month(parts: dict[str, str]) -> tuple[int, int] | None:
    if "name" in parts:
        return int(parts["day"]), _MONTHS[parts["name"][:3].lower()]
    if "day" in parts:
        return int(parts["day"]), int(parts["month"])
    one, other = int(parts["one"]), int(parts["other"])
    if one <= 12 and other <= 12 and one != other:
        return None
    return (one, other) if one > 12 or one == other else (other, one)


def _hour(hour: int, half: str | None) -> int | None:
    if half is None:
        return hour
    return hour % 12 + (12 if half == "PM" else 0) if 1 <= hour <= 12 else None


def _zone(text: str | None) -> timezone:
    if not text:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
