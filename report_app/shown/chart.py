"""The chart of a measure by hour or by day, and the table of the same numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from contracts.money import exponent
from contracts.zones import local_date
from report_app.definitions import BY_KEY
from report_app.drawing.bars import SIZES, Bar, bar_chart
from report_app.formats import Formats
from report_app.reading.overview import Bucket, Reading, buckets
from report_app.reading.reports import State
from report_app.shown.cards import exact_text
from report_app.shown.figures import MONEY, Measure, Value, value_of

NOT_BEGUN = "not yet"
NO_NUMBER, NOT_IN_BACKUP = "being computed", "not in the backup"


@dataclass(frozen=True, slots=True)
class ChartRow:
    label: str
    value: str
    before_label: str
    before: str


@dataclass(frozen=True, slots=True)
class Chart:
    measure: str
    title: str
    summary: str
    pictures: tuple[Markup, ...]
    rows: tuple[ChartRow, ...]
    has_before: bool
    has_running: bool
    has_unknown: bool


def chart(reading: Reading, measure: Measure, formats: Formats, now: datetime) -> Chart:
    found, had_before = buckets(reading), reading.had_events_before
    rows = tuple(_row(bucket, measure, had_before, formats) for bucket in found)
    bars = [_bar(bucket, row, measure, had_before) for bucket, row in zip(found, rows, strict=True)]
    is_money = measure in MONEY
    unit = 10 ** exponent(reading.merchant.currency) if is_money else 1
    axis: Callable[[int], str] = formats.axis_money if is_money else formats.axis_count
    by = "hour" if reading.view.is_one_day else "day"
    days = formats.days(reading.view.first, reading.view.last, local_date(reading.view.zone, now))
    return Chart(
        measure=measure,
        title=f"{BY_KEY[measure].name} by {by}",
        summary=f"{BY_KEY[measure].name} by {by}, {days}. {_extremes(bars, rows)}",
        pictures=tuple(bar_chart(bars, size, unit, axis) for size in SIZES),
        rows=rows,
        has_before=had_before,
        has_running=any(bar.is_running for bar in bars),
        has_unknown=any(bar.is_unknown for bar in bars),
    )


def _row(bucket: Bucket, measure: Measure, had_before: bool, formats: Formats) -> ChartRow:
    value = value_of(bucket.shown, measure) if bucket.shown else None
    return ChartRow(
        label=bucket_label(bucket, formats),
        value=_text(measure, value, formats) if value else NOT_BEGUN,
        before_label=formats.weekday(bucket.before_day),
        before=_text(measure, value_of(bucket.before, measure), formats) if had_before else "",
    )


def bucket_label(bucket: Bucket, formats: Formats) -> str:
    """`14:00` for an hour, `Tue 24 Nov` for a day."""
    return formats.clock(bucket.hour.start) if bucket.hour else formats.weekday(bucket.day)


def _text(measure: Measure, value: Value, formats: Formats) -> str:
    if value.state is State.READ:
        return exact_text(measure, value, formats)
    return NOT_IN_BACKUP if value.state is State.NOT_IN_BACKUP else NO_NUMBER


def _bar(bucket: Bucket, row: ChartRow, measure: Measure, had_before: bool) -> Bar:
    value = value_of(bucket.shown, measure) if bucket.shown else None
    before = value_of(bucket.before, measure) if had_before else None
    so_far = " so far" if bucket.is_running else ""
    title = f"{row.label}: {row.value}{so_far}"
    if row.before:
        title += f" · before: {row.before}"
    return Bar(
        label=row.label.split(" ", 1)[-1],
        title=title,
        value=value.number if value else None,
        before=before.number if before else None,
        is_running=bucket.is_running,
        is_unknown=value is not None and value.state is not State.READ,
    )


def _extremes(bars: list[Bar], rows: tuple[ChartRow, ...]) -> str:
    known = [(bar.value, row) for bar, row in zip(bars, rows, strict=True) if bar.value is not None]
    if not known:
        return "No numbers yet."
    low, high = (pick(known, key=lambda pair: pair[0])[1] for pick in (min, max))
    return f"Lowest: {low.value} ({low.label}); highest: {high.value} ({high.label})."
