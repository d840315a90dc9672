"""The strip of truth: how fresh, which days, which zone and currency, compared with what."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.reports import Family
from contracts.zones import local_date
from report_app.formats import Formats
from report_app.reading.overview import Reading
from report_app.shown.cards import compared_text


@dataclass(frozen=True, slots=True)
class Strip:
    """`tone` (good, late, empty, note) colours the dot that stands beside `word`."""

    tone: str
    word: str
    why: str
    complete: str
    computed: str
    days: str
    compared: str


def strip(reading: Reading, formats: Formats, now: datetime) -> Strip:
    tone, word, why = _status(reading, formats)
    freshness, today = reading.freshness, local_date(reading.view.zone, now)
    receipts = reading.shown.receipts
    computed = max((r.computed_at for r in receipts.values() if r.computed_at), default=None)
    view = reading.view
    days = formats.days(view.first, view.last, today)
    if view.until is not None:
        is_last_day = local_date(view.zone, view.until) == view.last
        days += f", until {formats.clock(view.until) if is_last_day else formats.moment(view.until)}"
    place = f"{view.zone}, in {reading.merchant.currency}"
    return Strip(
        tone=tone,
        word=word,
        why=why,
        complete=formats.moment(freshness.watermark) if freshness.watermark else "",
        computed=_computed(computed, formats, now) if computed else "",
        days=f"{days}, {place}" if reading.has_events else place,
        compared=compared_text(reading, formats, today),
    )


def _computed(computed_at: str, formats: Formats, now: datetime) -> str:
    """The time alone where it is recent, with its day where it is not."""
    instant = datetime.fromisoformat(computed_at)
    is_recent = now - instant < timedelta(hours=12)
    return formats.clock(instant, with_seconds=True) if is_recent else formats.moment(instant)


def _status(reading: Reading, formats: Formats) -> tuple[str, str, str]:
    freshness = reading.freshness
    if not reading.has_events:
        return "empty", "No events yet", ""
    if freshness.watermark is None:
        return "empty", "Nothing is complete yet", "The first batch is being computed."
    if freshness.is_late:
        return "late", f"Late since {formats.clock(freshness.watermark)}", freshness.why or ""
    if reading.shown.receipts[Family.QUALITY].not_accounted_for:
        return "note", "Messages are not accounted for", "See what these numbers are made of, below."
    if reading.shown.is_read(Family.SALES) and reading.shown.sales.unconverted:
        codes = ", ".join(sorted(reading.shown.sales.unconverted))
        return "note", "Some amounts have no rate", f"Amounts in {codes} stand by themselves."
    return "good", "On time", ""
