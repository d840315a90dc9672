"""Places in a message: `event`, `properties.revenue`, `properties.products[2].price`, `properties.products[].price`.

Nothing here changes a message: what is set is set in a copy that shares the rest, and keeps the order of its fields.
"""

import re
from collections.abc import Callable
from typing import Any, TypeGuard

from repairs.json_text import Message, Number

_PART = re.compile(r"([^.\[\]]+)(?:\[(\d*)\])?")
_LINE = re.compile(r"\[\d+\]")
Change = Callable[[Message], Message | None]


def every_line(place: str) -> str:
    """The place with `[]` for any line: what a cause and a rule are about."""
    return _LINE.sub("[]", place)


def value_at(message: Any, place: str) -> Any:
    """The value there, None where there is none."""
    found = message
    for name, line in _PART.findall(place):
        found = found.get(name) if isinstance(found, dict) else None
        if line:
            found = found[int(line)] if isinstance(found, list) and int(line) < len(found) else None
    return found


def with_value(message: Message, place: str, value: Any) -> Message:
    """The message with the value there; objects on the way are made. `place` names no line."""
    name, _, rest = place.partition(".")
    inner = message.get(name)
    return message | {name: with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def renamed(message: Message, name: str, other: str) -> Message | None:
    """The object with its field `name` called `other`, in the same position; None where it has no such field."""
    if name not in message:
        return None
    return {other if key == name else key: value for key, value in message.items() if key != other}


def in_properties(message: Message, change: Change) -> Message | None:
    """The message with its properties changed; None where they are no object, or nothing changed."""
    properties = message.get("properties")
    changed = change(properties) if isinstance(properties, dict) else None
    return None if changed is None else message | {"properties": changed}


def in_lines(properties: Message, change: Change) -> Message | None:
    """Properties with each line of `products` changed; None where no line is."""
    lines = properties.get("products")
    if not isinstance(lines, list):
        return None
    changed = [change(line) if isinstance(line, dict) else None for line in lines]
    if not any(line is not None for line in changed):
        return None
    return properties | {"products": [old if new is None else new for old, new in zip(lines, changed, strict=True)]}


def text_of(value: Any) -> str | None:
    """The value as a text without spaces around it; None where it says nothing, or is no text and no number."""
    text = value.strip() if isinstance(value, str) else ""
    return str(text) or None


def is_words(value: Any) -> TypeGuard[str]:
    """A text that is not a JSON number."""
    return isinstance(value, str) and not isinstance(value, Number)
