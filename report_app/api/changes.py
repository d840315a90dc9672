"""`/api/v1/shops/<merchant>/changes?range=…`: numbers of closed days that changed, newest first."""

from typing import Any

from flask import Response

from contracts.money import decimal_text
from report_app.api.reports import answer, api, read
from report_app.reading.changes import Change, currency_of, read_changes
from report_app.services import services
from report_app.times import time_text


@api.get("/shops/<merchant>/changes")
def changes(merchant: str) -> Response:
    """At most 200; `count` is of all. Amounts are decimal strings, measures that end in `_milli` thousandths."""
    reading = read(merchant)
    found = read_changes(services().database, reading.merchant, reading.view)
    rows = [_change_json(change, reading.merchant.currency) for change in found.newest]
    return answer(reading, {"count": found.count, "changes": rows})


def _change_json(change: Change, currency: str) -> dict[str, Any]:
    return {
        "at": time_text(change.at),
        "report": change.family,
        "day": change.day,
        "hour": None if change.scope == change.day else change.scope,
        "why": change.reasons[0],
        "reasons": change.reasons,
        "changed": [
            {
                "measure": one["measure"],
                **{side: _value(one["measure"], one[side], currency) for side in ("before", "after")},
            }
            for one in change.changed
        ],
        "more": change.more,
        "batch": change.batch,
        "run": change.run,
    }


def _value(measure: str, number: int, own: str) -> int | str:
    currency = currency_of(measure, own)
    return number if currency is None else decimal_text(number, currency)
