"""The table of the books: every message by what became of it, and whether that adds up."""

from dataclasses import dataclass
from typing import Any

from contracts.books import Books
from report_app.formats import Formats
from report_app.reading.books import RangeBooks, Row
from report_app.reading.ranges import View

COLUMNS = ("arrived", "accepted", "duplicate", "bot", "rejected", "waiting", "repaired", "dropped")


@dataclass(frozen=True, slots=True)
class BooksRow:
    """`tone`: good, way, bad, or again where there are no numbers; `verdict` says it in words. `query` opens the day."""

    label: str
    query: dict[str, Any]
    cells: tuple[str, ...]
    tone: str
    verdict: str


@dataclass(frozen=True, slots=True)
class BooksTable:
    unit: str
    rows: tuple[BooksRow, ...]
    total: BooksRow
    sentence: str


def books_table(books: RangeBooks, view: View, formats: Formats) -> BooksTable:
    sentence = "" if books.rows else "No message reached us for these hours."
    return BooksTable(
        unit="Hour" if view.is_one_day else "Day",
        rows=tuple(_row(row, formats) for row in books.rows),
        total=_of_books("All", {}, books.total if books.is_read else None, formats),
        sentence=sentence,
    )


def _row(row: Row, formats: Formats) -> BooksRow:
    if row.hour:
        return _of_books(formats.clock(row.hour.start), {}, row.books, formats)
    day = row.day.isoformat()
    return _of_books(formats.weekday(row.day), {"from": day, "to": day}, row.books, formats)


def _of_books(label: str, query: dict[str, Any], books: Books | None, formats: Formats) -> BooksRow:
    if books is None:
        return BooksRow(label, query, ("–",) * len(COLUMNS), "again", "Being computed")
    numbers = {name: getattr(books, name) for name in COLUMNS[1:]} | {"arrived": books.received + books.returned}
    cells = tuple(formats.count(numbers[name]) for name in COLUMNS)
    return BooksRow(label, query, cells, *_verdict(books, formats))


def _verdict(books: Books, formats: Formats) -> tuple[str, str]:
    if not books.adds_up:
        return "bad", f"Not accounted for: {formats.count(books.not_accounted_for)}"
    if not books.is_settled:
        return "way", f"{formats.count(books.on_its_way)} on the way to the inbox"
    return "good", "Adds up"
