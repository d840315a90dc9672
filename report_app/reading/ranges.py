"""Ranges of local days, where they are cut, and what they are compared with. Pure: the time comes in as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contracts.zones import day_bounds, local_date, zone
from report_app.reading.hours import Hour, hours_on

MAX_DAYS = 400
FIRST_DAY = date(2000, 1, 1)


class RangeName(StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "7d"
    FOUR_WEEKS = "28d"
    QUARTER = "90d"
    MONTH = "month"
    PICKED = "picked"


DEFAULT_RANGE = RangeName.FOUR_WEEKS
_DAYS_BACK = {RangeName.WEEK: 7, RangeName.FOUR_WEEKS: 28, RangeName.QUARTER: 90}


class BadRange(ValueError):
    """The address names no range; `field` is the parameter, the message a sentence for its reader."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class View:
    """What a page looks at: local days `first` to `last`, the days `shift` days earlier, and where both are cut.

    `until` is the watermark where it falls into the range (the range is not over), else null.
    """

    name: RangeName
    first: date
    last: date
    shift: int
    zone: str
    until: datetime | None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    @property
    def before_first(self) -> date:
        return self.first - timedelta(days=self.shift)

    @property
    def before_last(self) -> date:
        return self.last - timedelta(days=self.shift)

    @property
    def cut(self) -> tuple[date, int] | None:
        """Local day and clock hour of `until`: the first hour that is not complete."""
        if self.until is None:
            return None
        return local_date(self.zone, self.until), self.until.astimezone(zone(self.zone)).hour

    def hours_shown(self) -> list[Hour]:
        """Every hour of the range that has begun, the running one too."""
        return [hour for hour in self._hours(0) if self.until is None or hour.start < self.until]

    def hours_compared(self) -> list[Hour]:
        """The complete hours of the range."""
        return [hour for hour in self._hours(0) if self._is_before_cut(hour, 0)]

    def hours_before(self) -> list[Hour]:
        """The hours of the days before, up to the same clock hour."""
        return [hour for hour in self._hours(self.shift) if self._is_before_cut(hour, self.shift)]

    def all_hours_before(self) -> list[Hour]:
        """The hours of the days before, uncut: the line of a chart."""
        return self._hours(self.shift)

    def all_hours(self) -> list[Hour]:
        return self._hours(0)

    def is_running(self, hour: Hour) -> bool:
        return self.until is not None and hour.start < self.until < hour.end

    def is_running_day(self, day: date) -> bool:
        return self.cut is not None and self.cut[0] == day

    def _hours(self, shift: int) -> list[Hour]:
        return [hour for day in self.days for hour in hours_on(self.zone, day - timedelta(days=shift))]

    def _is_before_cut(self, hour: Hour, shift: int) -> bool:
        cut = self.cut
        if cut is None:
            return True
        return (hour.day + timedelta(days=shift), hour.clock) < cut


def read_view(arguments: Mapping[str, str], zone_name: str, now: datetime, watermark: datetime | None) -> View:
    """The view that an address names by `range`, or by `from` and `to`; raises BadRange."""
    today = local_date(zone_name, now)
    name, first, last = _days(arguments, today)
    if first > today:
        raise BadRange("from", "This range has not begun: choose days up to today.")
    last = min(last, today)
    is_today_alone = first == last == today
    shift = 7 if is_today_alone else (last - first).days + 1
    complete = min(now, watermark) if watermark else now
    end = day_bounds(zone_name, last)[1]
    start = day_bounds(zone_name, first)[0]
    until = max(complete, start) if complete < end else None
    return View(name, first, last, shift, zone_name, until)


def _days(arguments: Mapping[str, str], today: date) -> tuple[RangeName, date, date]:
    if arguments.get("from") or arguments.get("to"):
        return _picked(arguments)
    text = arguments.get("range") or DEFAULT_RANGE
    if text not in set(RangeName) - {RangeName.PICKED}:
        raise BadRange("range", "No such range: use today, yesterday, 7d, 28d, 90d, month, or from and to.")
    name = RangeName(text)
    yesterday = today - timedelta(days=1)
    if name is RangeName.TODAY:
        return name, today, today
    if name is RangeName.YESTERDAY:
        return name, yesterday, yesterday
    if name is RangeName.MONTH:
        return name, today.replace(day=1), today
    return name, today - timedelta(days=_DAYS_BACK[name]), yesterday


def _picked(arguments: Mapping[str, str]) -> tuple[RangeName, date, date]:
    first, last = (_date(arguments, field) for field in ("from", "to"))
    if last < first:
        raise BadRange("to", "The last day is before the first: exchange them.")
    if (last - first).days >= MAX_DAYS:
        raise BadRange("to", f"A range holds {MAX_DAYS} days at most: choose a later first day.")
    return RangeName.PICKED, first, last


def _date(arguments: Mapping[str, str], field: str) -> date:
    text = arguments.get(field) or arguments.get("to" if field == "from" else "from") or ""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadRange(field, "A day is written like 2026-11-24.") from error
    if not FIRST_DAY <= day <= date(2059, 12, 31):
        raise BadRange(field, "A day lies between 2000-01-01 and 2059-12-31.")
    return day
