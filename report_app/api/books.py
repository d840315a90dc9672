"""`/api/v1/shops/<merchant>/books?range=…`: what became of every message, by day, or by hour of one day."""

from dataclasses import asdict
from typing import Any

from flask import Response

from contracts.books import Books
from report_app.api.reports import answer, api, read
from report_app.reading.books import read_books
from report_app.services import services


@api.get("/shops/<merchant>/books")
def books(merchant: str) -> Response:
    """Counts are null where a report of the day cannot be read; `wrong_hours` are those that do not add up."""
    reading = read(merchant)
    found = read_books(services().database, reading.merchant, reading.view)
    rows = [
        {"start": row.hour.key if row.hour else row.day.isoformat(), "counts": _counts(row.books)}
        for row in reversed(found.rows)
    ]
    total = _counts(found.total if found.is_read else None)
    return answer(reading, {"books": rows, "total": total, "wrong_hours": found.wrong_hours})


def _counts(books: Books | None) -> dict[str, Any] | None:
    return None if books is None else asdict(books) | {"is_settled": books.is_settled}
