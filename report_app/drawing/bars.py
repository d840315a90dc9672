"""A bar chart with a line for the days before, at the width of its card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from report_app.drawing.scale import spread, ticks

_BOTTOM, _TOP, _GAP = 26, 12, 8


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` is null for a column that has not begun or has no number; `is_unknown` tells the second."""

    label: str
    title: str
    value: int | None
    before: int | None
    is_running: bool = False
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    width: int
    height: int
    labels: int


SIZES = (Size("wide", 1120, 250, 5), Size("middle", 640, 220, 5), Size("narrow", 312, 190, 3))


def bar_chart(bars: Sequence[Bar], size: Size, unit: int, axis_text: Callable[[int], str]) -> Markup:
    """`<svg>` of the size; `unit` is the smallest sensible step of the axis, in the values' unit."""
    values = [v for bar in bars for v in (bar.value, bar.before) if v is not None]
    marks = ticks(values, unit)
    texts = [axis_text(mark) for mark in marks]
    left = 14 + 7 * max(len(text) for text in texts)
    plot = _Plot(size, left, marks[0], marks[-1], len(bars))
    body = [_grid(plot, mark, text) for mark, text in zip(marks, texts, strict=True)]
    body += [_column(plot, place, bar) for place, bar in enumerate(bars)]
    body += _line(plot, bars)
    body += [_label(plot, place, bars[place].label) for place in spread(len(bars), size.labels)]
    head = (
        f'<svg class="chart-{size.name}" viewBox="0 0 {size.width} {size.height}" aria-hidden="true" focusable="false">'
    )
    return Markup(head) + Markup("").join(body) + Markup("</svg>")


@dataclass(frozen=True, slots=True)
class _Plot:
    size: Size
    left: int
    low: int
    high: int
    columns: int

    @property
    def pitch(self) -> float:
        return (self.size.width - self.left - 2) / max(self.columns, 1)

    def x(self, place: float) -> float:
        return self.left + self.pitch * place

    def y(self, value: int) -> float:
        span = self.size.height - _BOTTOM - _TOP
        return _TOP + span * (self.high - value) / (self.high - self.low)


def _grid(plot: _Plot, mark: int, text: str) -> Markup:
    y = plot.y(mark)
    kind = "zero" if mark == 0 else "grid"
    return Markup(
        '<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text x="{}" y="{:.1f}" class="y">{}</text>'
    ).format(kind, plot.left, plot.size.width, y, y, plot.left - _GAP, y + 4, text)


def _column(plot: _Plot, place: int, bar: Bar) -> Markup:
    gap = min(plot.pitch * 0.24, 14)
    x, width = plot.x(place) + gap / 2, max(plot.pitch - gap, 1)
    parts = [Markup('<g class="column"><title>{}</title>').format(bar.title)]
    parts.append(_rect("hit", plot.x(place), _TOP, plot.pitch, plot.size.height - _BOTTOM - _TOP, 0))
    if bar.is_unknown:
        parts.append(_rect("unknown", x, _TOP, width, plot.y(0) - _TOP, 3))
    elif bar.value:
        top, bottom = sorted((plot.y(bar.value), plot.y(0)))
        kind = "bar running" if bar.is_running else "bar"
        parts.append(
            _rect(kind if bar.value > 0 else f"{kind} below", x, top, width, max(bottom - top, 1.5), min(3, width / 4))
        )
    return Markup("").join([*parts, Markup("</g>")])


def _rect(kind: str, x: float, y: float, width: float, height: float, radius: float) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.1f}"/>').format(
        kind, x, y, width, max(height, 0), radius
    )


def _line(plot: _Plot, bars: Sequence[Bar]) -> list[Markup]:
    """The days before, broken where a column has no number."""
    runs: list[list[str]] = [[]]
    for place, bar in enumerate(bars):
        if bar.before is None:
            runs.append([])
        else:
            runs[-1].append(f"{plot.x(place + 0.5):.1f},{plot.y(bar.before):.1f}")
    found = []
    for run in filter(None, runs):
        if len(run) == 1:
            x, y = run[0].split(",")
            found.append(Markup('<circle class="before-point" cx="{}" cy="{}" r="4"/>').format(x, y))
        else:
            found.append(Markup('<polyline class="before" points="{}"/>').format(" ".join(run)))
    return found


def _label(plot: _Plot, place: int, text: str) -> Markup:
    x = plot.x(place + 0.5)
    near_end = plot.size.width - x < 4 * len(text)
    anchor = (
        "end" if near_end else "start" if x - plot.left < 3 * len(text) and plot.pitch < 3 * len(text) else "middle"
    )
    at = plot.size.width if near_end else plot.x(place) if anchor == "start" else x
    return Markup('<text class="x {}" x="{:.1f}" y="{}">{}</text>').format(
        anchor, at, plot.size.height - 6, escape(text)
    )
