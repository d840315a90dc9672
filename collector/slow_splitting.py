"""Splitting of JSON that the quick parser gives up on; slow, and used only then.

Browsers write what strict parsers refuse: a cut emoji is a lone `\\ud83d` in JSON.stringify. And no parser follows lists in
lists without end: there a value ends where its brackets close, and what is in it is looked at member by member.
"""

import json
import re
from collections.abc import Callable
from typing import NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
EndOf = Callable[[str, int], int]
"""Where the value ends that begins at a place of a text."""


def checked_end(text: str, place: int) -> int:
    return _decoder.raw_decode(text, place)[1]


def balanced_end(text: str, place: int) -> int:
    """By brackets and quotes alone, however deep they are; raises ValueError where they do not close."""
    if text[place : place + 1] not in ("[", "{"):
        return checked_end(text, place)
    depth = 0
    for found in _BRACKETS.finditer(text, place):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    raise ValueError("a bracket does not close")


def values_of_object(text: str, end_of: EndOf) -> dict[str, str]:
    """Each key of the object with its value's own text; raises ValueError or RecursionError where it is not JSON."""
    values: dict[str, str] = {}
    place = _opened(text, "{")
    while text[place : place + 1] != "}":
        key, place = _decoder.raw_decode(text, place)
        start = _after(text, place, ":")
        place = end_of(text, start)
        if not isinstance(key, str):
            raise ValueError("a key is not a string")
        values[key] = text[start:place]
        place = _next_item(text, place, "}")
    _closed(text, place)
    return values


def values_of_list(text: str, end_of: EndOf) -> list[str]:
    """The own text of each member; raises ValueError or RecursionError where it is not a JSON list."""
    values: list[str] = []
    place = _opened(text, "[")
    while text[place : place + 1] != "]":
        start = place
        place = end_of(text, start)
        values.append(text[start:place])
        place = _next_item(text, place, "]")
    _closed(text, place)
    return values


def _space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _after(text: str, place: int, mark: str) -> int:
    place = _space(text, place)
    if text[place : place + 1] != mark:
        raise ValueError(f"{mark} expected at {place}")
    return _space(text, place + 1)


def _opened(text: str, mark: str) -> int:
    return _after(text, 0, mark)


def _next_item(text: str, place: int, end: str) -> int:
    place = _space(text, place)
    if text[place : place + 1] == end:
        return place
    place = _after(text, place, ",")
    if text[place : place + 1] == end:
        raise ValueError(f"a value expected at {place}")
    return place


def _closed(text: str, place: int) -> None:
    if _space(text, place + 1) != len(text):
        raise ValueError("something follows the end")
