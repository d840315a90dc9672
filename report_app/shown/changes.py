"""Changed numbers in words: a line for the range, and a row for each change."""

from dataclasses import dataclass
from datetime import date

from contracts.reports import Family
from contracts.restatements import Changed, Why
from contracts.zones import hour_of_key
from report_app.formats import Formats
from report_app.reading.changes import Change, Changes, currency_of

_WORDS = {
    Why.FORGOTTEN: "a person who was forgotten",
    Why.LATE: "messages that arrived late",
    Why.REPAIRED: "messages that were repaired",
    Why.REFUND: "orders that changed on a later day",
    Why.REBUILD: "a new computation",
}
_FAMILIES = {
    Family.TRAFFIC: "Visitors and page views",
    Family.SALES: "Sales",
    Family.QUALITY: "Messages",
    Family.PRODUCTS: "Products",
}
_LABELS = {
    "orders": "orders",
    "cancelled_orders": "cancelled orders",
    "refund_count": "refunds",
    "units_milli": "units",
    "converted.sales": "sales",
    "converted.refunds": "refunded",
    "converted.cancelled": "cancelled",
    "visitors": "visitors",
    "page_views": "page views",
    "events": "counted",
    "received": "received",
    "returned": "came back repaired",
    "accepted": "counted",
    "duplicate": "copies",
    "bot": "bots",
    "rejected": "could not be used",
}
_OF_PRODUCT = {"revenue": "sales", "refunded": "refunded", "ordered_milli": "units", "views": "views"}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """`numbers`: such as `orders 2 → 3`, the first few; `rest` says how many more."""

    when: str
    scope: str
    family: str
    numbers: tuple[str, ...]
    rest: str
    why: str


def changes_line(changes: Changes, formats: Formats) -> str:
    """`Changed since these days were closed: +2 orders, because of messages that arrived late.`; empty without any."""
    if not changes.count:
        return ""
    found = [
        (changes.orders, _plural(changes.orders, "order")),
        (changes.net_sales, "net sales"),
        (changes.page_views, _plural(changes.page_views, "page view")),
    ]
    texts = [
        f"{_sign(by)}{formats.money(abs(by)) if what == 'net sales' else formats.count(abs(by))} {what}"
        for by, what in found
        if by
    ]
    return f"Changed since these days were closed: {', '.join(texts) or 'details'}, because of {reasons_text(changes.why)}."


def reasons_text(reasons: tuple[Why, ...]) -> str:
    return " and ".join(_WORDS[why] for why in reasons)


def change_rows(changes: Changes, formats: Formats) -> tuple[ChangeRow, ...]:
    return tuple(_row(change, formats) for change in changes.newest)


def _row(change: Change, formats: Formats) -> ChangeRow:
    texts = [text for one in change.changed if (text := _number(one, formats))]
    left = len(change.changed) + change.more - len(texts[:_SHOWN])
    day = formats.weekday(date.fromisoformat(change.day))
    return ChangeRow(
        when=formats.moment(change.at),
        scope=day if change.scope == change.day else f"{day}, {formats.clock(hour_of_key(change.scope))}",
        family=_FAMILIES[Family(change.family)],
        numbers=tuple(texts[:_SHOWN]),
        rest=f"{formats.count(left)} more" if left else "",
        why=reasons_text(tuple(Why(reason) for reason in change.reasons)),
    )


def _number(changed: Changed, formats: Formats) -> str:
    """Empty for a number that has no words of its own."""
    measure = changed["measure"]
    label = _LABELS.get(measure, "")
    if measure.startswith("rows."):
        product, _, name = measure.removeprefix("rows.").rpartition(".")
        label = f"{product}: {_OF_PRODUCT[name]}" if name in _OF_PRODUCT else ""
    if not label:
        return ""
    return f"{label} {_value(measure, changed['before'], formats)} → {_value(measure, changed['after'], formats)}"


def _value(measure: str, number: int, formats: Formats) -> str:
    currency = currency_of(measure, formats.currency)
    if currency:
        return formats.money(number, currency)
    return formats.units(number) if measure.endswith("_milli") else formats.count(number)


def _sign(by: int) -> str:
    return "+" if by > 0 else "−"


def _plural(number: int, noun: str) -> str:
    return noun if abs(number) == 1 else f"{noun}s"
