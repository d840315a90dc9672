"""Rules for amounts and quantities. They look at all of a message's, so that one repair is enough for ten lines."""

import re
from collections.abc import Callable
from typing import Any

from repairs.currencies import currency_of, may_mean
from repairs.json_text import Message
from repairs.numbers import PLAIN, plain_number
from repairs.places import in_lines, is_words, text_of, value_at, with_value

AMOUNTS = ("total", "revenue", "subtotal", "tax", "shipping", "discount", "price")
_MARKED = re.compile(
    r"([+\-\u2212]?)\s*([^0-9+\-\u2212]*)([+\-\u2212]?)([0-9].*[0-9]|[0-9])([.,][-\u2013\u2014]+)?\s*([^0-9]*)"
)
_UNITS = re.compile(r"(?:x\s*)?(.*?[0-9])\s*(?:x|pcs?\.?|pieces?|st\.?|stk\.?|stück|units?|ea\.?)?", re.IGNORECASE)
_SHORT_FORMS = ("rs", "fr", "sfr", "kr", "ft")
Reader = Callable[[str], str | None]


def without_separators(message: Message, field: str | None) -> Message | None:
    """`1.234,50` as `1234.50`, where only one reading is possible."""
    return _each_read(message, field, AMOUNTS, plain_number)


def without_currency(message: Message, field: str | None) -> Message | None:
    """`12,50 €` as `12.50`. The sign must be that of the message's currency; a message without one gets it."""
    own = text_of(value_at(message, "properties.currency"))
    if own is not None:
        code = currency_of(own)
        return _each_read(message, field, AMOUNTS, lambda text: _number_in(text, code)) if code else None
    codes = {currency_of(mark) for mark in _marks(message)}
    code = codes.pop() if len(codes) == 1 else None
    repaired = _each_read(message, field, AMOUNTS, lambda text: _number_in(text, code)) if code else None
    return None if repaired is None else with_value(repaired, "properties.currency", code)


def plain_quantity(message: Message, field: str | None) -> Message | None:
    """`2 pcs`, `x2` and `1,5` as numbers."""
    return _each_read(message, field, ("quantity",), _quantity)


def _quantity(text: str) -> str | None:
    found = _UNITS.fullmatch(text.strip())
    return plain_number(found[1]) if found else None


def _number_in(text: str, code: str | None) -> str | None:
    parts = _parts(text)
    if parts is None or code is None or not all(may_mean(mark, code) for mark in parts[1]):
        return None
    return plain_number(parts[0])


def _marks(message: Message) -> list[str]:
    """The currency signs of all amounts that have one."""
    properties = message.get("properties")
    objects = [properties, *(_lines(properties) if isinstance(properties, dict) else [])]
    texts = [one.get(name) for one in objects if isinstance(one, dict) for name in AMOUNTS]
    found = [_parts(text) for text in texts if is_words(text)]
    return [mark for parts in found if parts for mark in parts[1]]


def _lines(properties: Message) -> list[Any]:
    lines = properties.get("products")
    return lines if isinstance(lines, list) else []


def _parts(text: str) -> tuple[str, list[str]] | None:
    """(number, the signs around it); None where there is no number or no sign."""
    found = _MARKED.fullmatch(text.strip())
    if found is None:
        return None
    before, head, between, digits, cents, tail = found.groups("")
    marks = [mark.strip() for mark in (head, tail) if mark.strip()]
    if not marks or (before and between) or _ends_in_separator(head):
        return None
    return before + between + digits + cents, marks


def _ends_in_separator(head: str) -> bool:
    """`€.50` is half a euro, `Rs.50` is fifty rupees, and `EUR.50` is not decided."""
    is_short_form = head.rstrip(".").strip().lower() in _SHORT_FORMS
    return head.endswith(",") or (head.endswith(".") and not is_short_form)


def _each_read(message: Message, field: str | None, names: tuple[str, ...], read: Reader) -> Message | None:
    """The message with every such field that `read` can read; None unless the one in question is among them."""
    value = value_at(message, field or "")
    properties = message.get("properties")
    if not isinstance(properties, dict) or _read(value, read) is None:
        return None
    changed = _read_fields(properties, names, read) or properties
    changed = in_lines(changed, lambda line: _read_fields(line, names, read)) or changed
    return message | {"properties": changed}


def _read_fields(found: Message, names: tuple[str, ...], read: Reader) -> Message | None:
    better = {name: number for name in names if (number := _read(found.get(name), read)) is not None}
    return found | better if better else None


def _read(value: Any, read: Reader) -> str | None:
    """None for what is a plain number already, and for what is no text."""
    if not is_words(value) or PLAIN.fullmatch(value.strip()):
        return None
    return read(value)
