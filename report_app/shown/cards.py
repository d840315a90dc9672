"""Cards of the key figures."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from report_app.definitions import BY_KEY
from report_app.formats import Formats
from report_app.reading.overview import Reading
from report_app.reading.reports import SENTENCES, State
from report_app.shown.figures import MONEY, Figure, Measure, Value, figures

NOTHING_COMPLETE = "Nothing of this range is complete yet."


@dataclass(frozen=True, slots=True)
class Change:
    """`direction`: up, down, same, or empty where there is nothing to compare; never colour alone."""

    direction: str
    amount: str
    rest: str


@dataclass(frozen=True, slots=True)
class Card:
    """`value` is empty where `sentence` says why there is no number."""

    key: str
    label: str
    value: str
    exact: str
    sentence: str
    change: Change | None
    without_rate: tuple[str, ...]


def cards(reading: Reading, formats: Formats) -> list[Card]:
    return [_card(reading, figure, formats) for figure in figures(reading)]


def value_text(measure: Measure, value: Value, formats: Formats) -> str:
    """The figure as a card shows it; a dash where the number does not exist (an average of nothing)."""
    if value.number is None:
        return "–"
    if measure is Measure.AVERAGE_ORDER:
        return formats.money(value.number)
    if measure in MONEY:
        return formats.short_money(value.number)
    return formats.estimate(value.number) if value.is_estimate else formats.count(value.number)


def exact_text(measure: Measure, value: Value, formats: Formats) -> str:
    """The figure with every digit it has."""
    if value.number is not None and measure in MONEY:
        return formats.money(value.number)
    return value_text(measure, value, formats)


def _card(reading: Reading, figure: Figure, formats: Formats) -> Card:
    measure, shown = figure.measure, figure.shown
    sentence = SENTENCES.get(shown.state, "") if reading.view.hours_shown() else NOTHING_COMPLETE
    return Card(
        key=measure,
        label=BY_KEY[measure].name,
        value="" if sentence else value_text(measure, shown, formats),
        exact="" if sentence else exact_text(measure, shown, formats),
        sentence=sentence,
        change=None if sentence else _change(reading, figure, formats),
        without_rate=tuple(formats.money(minor, code) for code, minor in figure.unconverted.items()),
    )


def _change(reading: Reading, figure: Figure, formats: Formats) -> Change:
    now, before = figure.compared, figure.before
    if not reading.had_events_before:
        return Change("", "", "No events in the days before")
    if before.state is not State.READ or now.state is not State.READ:
        is_absent = before.state is State.NOT_IN_BACKUP
        return Change("", "", f"The days before are {'not in the backup' if is_absent else 'being computed again'}")
    if not reading.view.hours_compared():
        return Change("", "", "Compared once the first hour is over")
    if now.number is None or before.number is None:
        return Change("", "", "Nothing to compare with")
    return _compared(reading, figure, formats, now.number, before.number)


def _compared(reading: Reading, figure: Figure, formats: Formats, now: int, before: int) -> Change:
    rest = _rest(reading, figure, formats)
    if now == before:
        return Change("same", "No change", rest)
    direction = "up" if now > before else "down"
    if before <= 0:
        return Change(direction, "", rest)
    share = formats.percent(Decimal(now - before) / Decimal(before))
    return Change(direction, share, rest)


def _rest(reading: Reading, figure: Figure, formats: Formats) -> str:
    """`from €43,045`; where a running day is compared up to a clock hour, both sides of it."""
    before, cut = value_text(figure.measure, figure.before, formats), reading.view.cut
    if cut is None:
        return f"from {before}"
    return f"by {cut[1]:02d}:00: {value_text(figure.measure, figure.compared, formats)}, from {before}"


def compared_text(reading: Reading, formats: Formats, today: date) -> str:
    """What the range is compared with: `29 Sep – 26 Oct`, or `Tue 17 Nov, both until 14:00`."""
    view = reading.view
    days = formats.days(view.before_first, view.before_last, today)
    cut = view.cut
    if cut is None:
        return f"compared with {days}"
    on_day = "" if view.is_one_day else f" on {formats.day(cut[0] - timedelta(days=view.shift))}"
    return f"compared with {days}, complete hours until {cut[1]:02d}:00{on_day}"
