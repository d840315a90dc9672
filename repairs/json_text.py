"""JSON texts that come out as they went in: numbers keep their digits, fields their order."""

import json
from typing import Any

Message = dict[str, Any]


class Number(str):
    """A JSON number as the client wrote it: a float would change its digits."""

    __slots__ = ()


def read_value(text: str) -> Any:
    """The value of a JSON text, its numbers as `Number`; raises ValueError or RecursionError for what is none."""
    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number)


def object_in(value: Any) -> Message | None:
    """The object that a text holds as JSON, else None."""
    found = _value_in(value)
    return found if isinstance(found, dict) else None


def list_in(value: Any) -> list[Any] | None:
    """The list that a text holds as JSON, else None."""
    found = _value_in(value)
    return found if isinstance(found, list) else None


def _value_in(value: Any) -> Any:
    if not isinstance(value, str) or isinstance(value, Number):
        return None
    try:
        return read_value(value)
    except (ValueError, RecursionError):
        return None


def written(value: Any) -> str:
    """The JSON text of what `read_value` read. Half a surrogate pair stays an escape, since UTF-8 has no bytes for it."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{written(name)}:{written(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=any("\ud800" <= sign <= "\udfff" for sign in value))
    return json.dumps(value)
