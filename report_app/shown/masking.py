"""Messages as people of a shop may see them: their structure, and values that cannot be about a person.

Values are shown for a list of fields only; everything else is its kind and length. What is shown is searched for e-mail
addresses and long numbers all the same. Pure.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_LINES = 60
MOST_DEPTH = 6
CHARACTERS = 60
_TIMES = frozenset(("timestamp", "originaltimestamp", "sentat"))
_AMOUNTS = frozenset(("total", "revenue", "subtotal", "tax", "shipping", "discount", "price", "value", "amount"))
_SHOWN = _TIMES | _AMOUNTS | {"type", "event", "eventname", "currency", "quantity"}
_EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s().,/'-]*\d){6,}")
_VERY_LONG_NUMBER = re.compile(r"\d{20,}")
_NAME = re.compile(r"[A-Za-z_$][\w $.-]{0,39}")
_MASK = "•••"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message: how deep it stands, its field, and its value or what kind it is."""

    depth: int
    name: str
    value: str
    is_masked: bool


def masked_lines(text: str) -> list[Line]:
    """The message's lines, 60 at most; a text that is no JSON is its length only."""
    try:
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return [Line(0, "not JSON", f"{len(text):,} characters", True)]
    lines = []
    for line in _lines("", value, 0):
        lines.append(line)
        if len(lines) == MOST_LINES:
            return [*lines, Line(0, "…", "and more", True)]
    return lines


def _lines(name: str, value: Any, depth: int) -> Iterator[Line]:
    parts = _parts(value)
    if parts is None:
        yield _leaf(name, value, depth)
        return
    if name:
        yield Line(depth, masked_name(name), "" if parts else "empty", True)
    if depth > MOST_DEPTH:
        yield Line(depth, "…", "deeper", True)
        return
    for part, inner in parts:
        yield from _lines(part, inner, depth + bool(name))


def _parts(value: Any) -> list[tuple[str, Any]] | None:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return [(str(number), inner) for number, inner in enumerate(value, 1)]
    return None


def _leaf(name: str, value: Any, depth: int) -> Line:
    if value is None or isinstance(value, bool):
        return Line(depth, masked_name(name), {None: "null", True: "true", False: "false"}[value], False)
    folded = re.sub(r"[\s_-]", "", name).lower()
    if folded not in _SHOWN:
        return Line(depth, masked_name(name), f"{len(value)} characters", True)
    return Line(depth, masked_name(name), masked_text(value, is_time=folded in _TIMES), False)


def masked_name(name: str) -> str:
    """A field's name; one that does not look like a name could be a value."""
    return name if name.isdigit() and len(name) < 4 else masked_text(name) if _NAME.fullmatch(name) else _MASK


def masked_text(text: str, is_time: bool = False) -> str:
    """The text without e-mail addresses and long numbers, 60 characters at most. A time is a long number, too."""
    hidden = _EMAIL.sub(_MASK, text)
    hidden = (_VERY_LONG_NUMBER if is_time else _LONG_NUMBER).sub(_MASK, hidden)
    return hidden if len(hidden) <= CHARACTERS else f"{hidden[:CHARACTERS]}…"
