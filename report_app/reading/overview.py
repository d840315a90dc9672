"""Everything that the pages of one shop and one range show, read in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pymongo.database import Database

from contracts.books import Fates
from contracts.names import DueGroup
from contracts.reports import Family
from report_app.reading.calendar import first_month
from report_app.reading.due import open_scopes
from report_app.reading.fates import read_fates
from report_app.reading.freshness import Freshness, read_freshness
from report_app.reading.hours import Hour
from report_app.reading.merchants import Merchant
from report_app.reading.products import Products, summed_products
from report_app.reading.ranges import View, read_view
from report_app.reading.receipts import RangeReceipt, united
from report_app.reading.reports import Part, State, read_days, read_hours
from report_app.reading.sketches import Visitors, united_visitors
from report_app.reading.totals import Quality, Sales, state_of, summed_quality, summed_sales, summed_traffic

HOUR_FAMILIES = (Family.TRAFFIC, Family.SALES, Family.QUALITY)


@dataclass(frozen=True, slots=True)
class Totals:
    """Hour families over some hours; each is a number, and has a receipt, only where its state is read."""

    states: dict[Family, State]
    sales: Sales
    traffic: dict[str, int]
    visitors: Visitors
    quality: Quality
    receipts: dict[Family, RangeReceipt]

    def is_read(self, family: Family) -> bool:
        return self.states[family] is State.READ


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar: an hour or a day of the range and of the days before. `shown` is null where it has not begun."""

    day: date
    hour: Hour | None
    shown: Totals | None
    before: Totals
    before_day: date
    is_running: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """`shown` is the range until now; `compared` its complete hours; `before` the same hours of the days before."""

    merchant: Merchant
    view: View
    freshness: Freshness
    first_month: str | None
    shown: Totals
    compared: Totals
    before: Totals
    hours: Mapping[Family, Mapping[str, Part]]
    fates: Fates

    @property
    def has_events(self) -> bool:
        return self.first_month is not None

    @property
    def lost(self) -> list[Part]:
        """Hours without a number, once for each family."""
        return [part for parts in self.hours.values() for part in parts.values() if not part.is_number]

    @property
    def had_events_before(self) -> bool:
        """Something arrived in the days before, cut or not."""
        parts = self.hours[Family.QUALITY]
        return any(parts[hour.key].state is not State.EMPTY for hour in self.view.all_hours_before())


def read_overview(
    database: Database[dict[str, Any]], merchant: Merchant, arguments: Mapping[str, str], now: datetime
) -> Reading:
    """The range that `arguments` name, at `now` (UTC); raises BadRange."""
    freshness = read_freshness(database, now)
    view = read_view(arguments, merchant.zone, now, freshness.watermark)
    wanted = {hour.key: hour for hour in (*view.hours_shown(), *view.all_hours_before())}
    hours = read_hours(database, merchant, HOUR_FAMILIES, wanted.values())
    shown = totals_of(hours, view.hours_shown())
    is_cut = view.until is not None
    return Reading(
        merchant=merchant,
        view=view,
        freshness=freshness,
        first_month=first_month(database, merchant.edition),
        shown=shown,
        compared=totals_of(hours, view.hours_compared()) if is_cut else shown,
        before=totals_of(hours, view.hours_before()),
        hours=hours,
        fates=_fates(database, merchant, view, shown),
    )


def _fates(database: Database[dict[str, Any]], merchant: Merchant, view: View, shown: Totals) -> Fates:
    """Asked for only where something is rejected."""
    if not shown.quality.counts["rejected"]:
        return Fates()
    return read_fates(database, merchant.id, [hour.key for hour in view.hours_shown()])


def read_products(database: Database[dict[str, Any]], merchant: Merchant, view: View) -> Products:
    """Products of the days of `view` that have begun."""
    days = [day for day in view.days if view.cut is None or day <= view.cut[0]]
    parts = read_days(database, merchant, Family.PRODUCTS, days)
    due = open_scopes(database, merchant.edition, DueGroup.DAY, parts)
    return summed_products(parts.values(), is_behind=bool(due))


def buckets(reading: Reading) -> list[Bucket]:
    """The bars of the range: hours of one day, else days; beside each the one it is compared with."""
    return _hour_buckets(reading) if reading.view.is_one_day else _day_buckets(reading)


def _hour_buckets(reading: Reading) -> list[Bucket]:
    view = reading.view
    begun = {hour.key for hour in view.hours_shown()}
    found = []
    for hour in view.all_hours():
        before = [other for other in view.all_hours_before() if other.clock == hour.clock]
        shown = totals_of(reading.hours, [hour]) if hour.key in begun else None
        compared = totals_of(reading.hours, before)
        found.append(Bucket(hour.day, hour, shown, compared, view.before_first, view.is_running(hour)))
    return found


def _day_buckets(reading: Reading) -> list[Bucket]:
    view = reading.view
    shown, before = _by_day(view.hours_shown()), _by_day(view.all_hours_before())
    found = []
    for day in view.days:
        earlier = date.fromordinal(day.toordinal() - view.shift)
        own = totals_of(reading.hours, shown[day]) if day in shown else None
        compared = totals_of(reading.hours, before.get(earlier, []))
        found.append(Bucket(day, None, own, compared, earlier, view.is_running_day(day)))
    return found


def _by_day(hours: Iterable[Hour]) -> dict[date, list[Hour]]:
    found: dict[date, list[Hour]] = {}
    for hour in hours:
        found.setdefault(hour.day, []).append(hour)
    return found


def totals_of(hours: Mapping[Family, Mapping[str, Part]], wanted: Iterable[Hour]) -> Totals:
    """Sums over `wanted`; families whose state is not read hold partial sums that nobody may show."""
    keys = [hour.key for hour in wanted]
    parts = {family: [hours[family][key] for key in keys] for family in HOUR_FAMILIES}
    states = {family: state_of(found) for family, found in parts.items()}
    return Totals(
        states=states,
        sales=summed_sales(parts[Family.SALES]),
        traffic=summed_traffic(parts[Family.TRAFFIC]),
        visitors=united_visitors(parts[Family.TRAFFIC]),
        quality=summed_quality(parts[Family.QUALITY]),
        receipts={
            family: united(part.receipt for part in found) if states[family] is State.READ else RangeReceipt()
            for family, found in parts.items()
        },
    )
