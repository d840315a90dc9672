"""JSON as adapters read it: the client's own bytes part by part, and values whose numbers keep their digits."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from collector.slow_splitting import EndOf, balanced_end, checked_end, values_of_list, values_of_object
from collector.splitting import MESSAGE_BYTES, Reject
from contracts.errors import ErrorCode


class NotJson(ValueError):
    """The bytes are not JSON."""


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


_value = msgspec.json.Decoder(float_hook=_number)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_encode = msgspec.json.Encoder(decimal_format="number").encode


def value_of(content: bytes) -> Any:
    """Raises NotJson."""
    try:
        return _value.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if b"\\u" not in content:
            raise NotJson from error
    try:
        return json.loads(content.decode(), parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson from error


def written(message: dict[str, Any]) -> bytes:
    """The message's JSON; half of a character, as browsers write it, stays half."""
    try:
        return _encode(message)
    except UnicodeEncodeError:
        return json.dumps(message, separators=(",", ":"), default=str).encode()


def fields_of(content: bytes) -> dict[str, bytes] | Reject:
    """Each field of an object with its value's own bytes."""
    try:
        return {name: bytes(value) for name, value in _fields.decode(content).items()}
    except msgspec.ValidationError:
        return Reject(ErrorCode.NOT_AN_OBJECT, None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _slow_fields(content, checked_end) if b"\\u" in content else Reject(ErrorCode.BAD_JSON, None)
    except RecursionError:
        return _slow_fields(content, balanced_end)


def items_of(content: bytes, field: str) -> list[bytes] | Reject:
    """The own bytes of a list's items; `field` names the list."""
    if not content.startswith(b"["):
        return Reject(ErrorCode.NO_BATCH, field)
    try:
        return [bytes(item) for item in _items.decode(content)]
    except RecursionError:
        return _slow_items(content, balanced_end)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _slow_items(content, checked_end)


def object_of(content: bytes) -> dict[str, Any] | Reject:
    """The object of one event, or why it is none."""
    if len(content) > MESSAGE_BYTES:
        return Reject(ErrorCode.TOO_LARGE, None)
    try:
        content.decode()
        value = value_of(content)
    except UnicodeDecodeError:
        return Reject(ErrorCode.BAD_UTF8, None)
    except NotJson:
        return Reject(ErrorCode.BAD_JSON, None)
    return value if isinstance(value, dict) else Reject(ErrorCode.NOT_AN_OBJECT, None)


def joined(fields: dict[str, bytes]) -> bytes:
    """The object of these fields."""
    return b"{" + b",".join(json.dumps(name).encode() + b":" + value for name, value in fields.items()) + b"}"


def _slow_fields(content: bytes, end_of: EndOf) -> dict[str, bytes] | Reject:
    try:
        values = values_of_object(content.decode(errors="surrogateescape"), end_of)
    except (ValueError, RecursionError):
        return Reject(ErrorCode.BAD_JSON, None)
    return {name: _bytes(value) for name, value in values.items()}


def _slow_items(content: bytes, end_of: EndOf) -> list[bytes] | Reject:
    try:
        return [_bytes(item) for item in values_of_list(content.decode(errors="surrogateescape"), end_of)]
    except (ValueError, RecursionError):
        return Reject(ErrorCode.BAD_JSON, None)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
