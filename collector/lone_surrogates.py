"""Splitting of JSON that browsers write and strict parsers refuse: a cut emoji is a lone `\\ud83d` in JSON.stringify.

Slow, and used only where the quick parser gave up.
"""

import json
import re
from typing import NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)


def values_of_object(text: str) -> dict[str, str]:
    """Each key of the object with its value's own text; raises ValueError or RecursionError where it is not JSON."""
    values: dict[str, str] = {}
    place = _opened(text, "{")
    while text[place : place + 1] != "}":
        key, place = _decoder.raw_decode(text, place)
        start = _after(text, place, ":")
        _, place = _decoder.raw_decode(text, start)
        if not isinstance(key, str):
            raise ValueError("a key is not a string")
        values[key] = text[start:place]
        place = _next_item(text, place, "}")
    _closed(text, place)
    return values


def values_of_list(text: str) -> list[str]:
    """The own text of each member; raises ValueError or RecursionError where it is not a JSON list."""
    values: list[str] = []
    place = _opened(text, "[")
    while text[place : place + 1] != "]":
        start = place
        _, place = _decoder.raw_decode(text, start)
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
