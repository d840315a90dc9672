"""Rules for parts that were sent in another shape: an object or a list as text, an empty list for an empty object."""

from typing import Any

from repairs.json_text import Message, list_in, object_in
from repairs.names import line_names
from repairs.places import in_lines, in_properties, is_words


def message_from_text(message: Any, field: str | None) -> Message | None:
    """A message sent as JSON text, or alone in a list."""
    if isinstance(message, list) and len(message) == 1:
        message = message[0]
    return message if isinstance(message, dict) else object_in(message)


def properties_as_object(message: Message, field: str | None) -> Message | None:
    """Properties sent as JSON text; `[]` is what PHP makes of an empty object."""
    found = message.get("properties")
    properties = {} if found == [] else object_in(found)
    return None if properties is None else message | {"properties": properties}


def products_as_list(message: Message, field: str | None) -> Message | None:
    """Products sent as JSON text, as one object, or numbered as `{"0": …, "1": …}`."""
    return in_properties(message, _listed)


def _listed(properties: Message) -> Message | None:
    lines = _lines_of(properties.get("products"))
    if lines is None:
        return None
    listed = properties | {"products": lines}
    return in_lines(listed, line_names) or listed


def _lines_of(products: Any) -> list[Message] | None:
    """Objects only: with a hole in it half the order would be missing."""
    if is_words(products):
        products = list_in(products) if object_in(products) is None else object_in(products)
    if isinstance(products, dict) and products:
        products = _numbered(products) or [products]
    if not isinstance(products, list):
        return None
    lines = [line if isinstance(line, dict) else object_in(line) for line in products]
    found = [line for line in lines if line is not None]
    return found if found and len(found) == len(lines) else None


def _numbered(products: Message) -> list[Any] | None:
    is_numbered = list(products) == [str(number) for number in range(len(products))]
    return list(products.values()) if is_numbered else None
