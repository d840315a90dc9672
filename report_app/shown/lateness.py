"""How late messages arrived, in few words a row."""

from dataclasses import dataclass
from decimal import Decimal

from report_app.formats import Formats
from report_app.reading.totals import Quality

_GROUPS = (
    ("within 5 seconds", 0, 2),
    ("within a minute", 2, 4),
    ("within 15 minutes", 4, 6),
    ("within an hour", 6, 7),
    ("within a day", 7, 9),
    ("later", 9, 11),
)
"""(words, first bucket, end bucket) of `contracts.reports.LATENESS_EDGES_SECONDS`."""


@dataclass(frozen=True, slots=True)
class LatenessRow:
    label: str
    count: str
    share: str
    bar: str


def lateness_rows(quality: Quality, formats: Formats) -> list[LatenessRow]:
    """Counted messages by how long after they happened they arrived; empty without any."""
    total = sum(quality.lateness)
    if not total:
        return []
    counts = [(label, sum(quality.lateness[first:end])) for label, first, end in _GROUPS]
    return [
        LatenessRow(label, formats.count(count), formats.percent(Decimal(count) / total), f"{100 * count / total:.1f}")
        for label, count in counts
    ]
