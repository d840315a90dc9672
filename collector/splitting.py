"""Rules that take a body apart: its members' own bytes, and what of each the envelope needs."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import uuid4

import msgspec

from collector.slow_splitting import EndOf, balanced_end, checked_end, values_of_list, values_of_object
from contracts.errors import ErrorCode
from contracts.events import MessageType

MESSAGE_BYTES = 32 * 1024
BATCH_MESSAGES = 2_500
SPREAD_BYTES = 4 * 1024 * 1024
"""A batch's context goes into each member's envelope: together not more than this."""
SENT_AT_CHARACTERS = 64
_TYPES = frozenset(str(kind) for kind in MessageType)
_ABSENT = msgspec.Raw()


class Reject(NamedTuple):
    code: ErrorCode
    field: str | None


class Parcel(NamedTuple):
    """A body taken apart: the members are the client's own bytes, `sent_at` and `context` its own text.

    `single` is what was read of the member already, where the body is one.
    """

    write_key: str | None
    sent_at: str | None
    context: str | None
    members: list[bytes]
    single: "_Texts | None" = None


class Member(NamedTuple):
    """One message: its own text, or its bytes where they are no text to pass on, and why it is rejected if it is."""

    text: str | None
    raw: bytes | None
    message_id: str | None
    reject: Reject | None


class _Batch(msgspec.Struct):
    batch: msgspec.Raw = _ABSENT
    context: msgspec.Raw = _ABSENT
    sentAt: msgspec.Raw = _ABSENT
    writeKey: msgspec.Raw = _ABSENT


class _Message(msgspec.Struct):
    type: msgspec.Raw = _ABSENT
    messageId: msgspec.Raw = _ABSENT
    originalTimestamp: msgspec.Raw = _ABSENT
    timestamp: msgspec.Raw = _ABSENT
    sentAt: msgspec.Raw = _ABSENT
    writeKey: msgspec.Raw = _ABSENT


class _Texts(msgspec.Struct):
    """What the envelope needs of a message, as `_own_text` reads it."""

    type: str | None = None
    messageId: str | None = None
    originalTimestamp: str | None = None
    timestamp: str | None = None
    sentAt: str | None = None
    writeKey: str | None = None


_batch = msgspec.json.Decoder(_Batch)
_texts = msgspec.json.Decoder(_Texts)
_members = msgspec.json.Decoder(list[msgspec.Raw])
_message = msgspec.json.Decoder(_Message)
_Struct = TypeVar("_Struct", _Batch, _Message)


def split_batch(body: bytes) -> Parcel | Reject:
    """The members of a batch's body, or why it cannot be split."""
    found = _object(body, _batch.decode, _Batch)
    if isinstance(found, Reject):
        return found
    members = _list(bytes(found.batch))
    if isinstance(members, Reject):
        return members
    if len(members) > BATCH_MESSAGES:
        return Reject(ErrorCode.TOO_LARGE, "batch")
    context = bytes(found.context)
    if len(context) > MESSAGE_BYTES or len(context) * len(members) > SPREAD_BYTES:
        return Reject(ErrorCode.TOO_LARGE, "context")
    try:
        context_text = None if context in (b"", b"null") else context.decode()
    except UnicodeDecodeError:
        return Reject(ErrorCode.BAD_UTF8, "context")
    return Parcel(_own_text(found.writeKey), _sent_at(_own_text(found.sentAt)), context_text, members)


def split_single(body: bytes) -> Parcel:
    """A body that is one message; a bad one is a parcel of one bad member."""
    found = _texts_of(body)
    if isinstance(found, Reject):
        return Parcel(None, None, None, [body])
    return Parcel(found.writeKey or None, _sent_at(found.sentAt), None, [body], found)


def read_member(body: bytes, type_of_door: MessageType | None, known: _Texts | None = None) -> Member:
    """One message as its envelope needs it. `type_of_door` stands in for the type of a message that has none.

    `known` is what was read of it already.
    """
    if len(body) > MESSAGE_BYTES:
        return Member(None, body, None, Reject(ErrorCode.TOO_LARGE, None))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Member(None, body, None, Reject(ErrorCode.BAD_UTF8, None))
    found = known or _texts_of(body)
    if isinstance(found, Reject):
        is_text = found.code is ErrorCode.NOT_AN_OBJECT
        return Member(text if is_text else None, None if is_text else body, None, found)
    own_type = found.type or type_of_door
    reject = None if own_type in _TYPES else Reject(ErrorCode.UNKNOWN_TYPE, "type")
    return Member(text, None, _message_id(found, body), reject)


def _texts_of(body: bytes) -> _Texts | Reject:
    """Most messages have texts where texts belong, and are read at once; of the others each value is looked at as it stands."""
    try:
        return _texts.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _object(body, _message.decode, _Message)
    if isinstance(found, Reject):
        return found
    return _Texts(*(_own_text(getattr(found, name)) for name in _Texts.__struct_fields__))


def _object(body: bytes, decode: Callable[[bytes], _Struct], shape: type[_Struct]) -> _Struct | Reject:
    try:
        return decode(body)
    except msgspec.ValidationError:
        return Reject(ErrorCode.NOT_AN_OBJECT, None)
    except RecursionError:
        return _slow_object(body, shape, balanced_end) if shape is _Batch else Reject(ErrorCode.BAD_JSON, None)
    except msgspec.DecodeError:
        return _slow_object(body, shape, checked_end) if b"\\u" in body else Reject(ErrorCode.BAD_JSON, None)


def _slow_object(body: bytes, shape: type[_Struct], end_of: EndOf) -> _Struct | Reject:
    try:
        values = values_of_object(body.decode(errors="surrogateescape"), end_of)
    except (ValueError, RecursionError):
        return Reject(ErrorCode.BAD_JSON, None)
    own = {name: _raw(values[name]) for name in shape.__struct_fields__ if name in values}
    return shape(**own)


def _list(text: bytes) -> list[bytes] | Reject:
    if not text.startswith(b"["):
        return Reject(ErrorCode.NO_BATCH, "batch")
    try:
        return [bytes(member) for member in _members.decode(text)]
    except RecursionError:
        return _slow_list(text, balanced_end)
    except msgspec.DecodeError:
        return _slow_list(text, checked_end)


def _slow_list(text: bytes, end_of: EndOf) -> list[bytes] | Reject:
    try:
        return [bytes(_raw(member)) for member in values_of_list(text.decode(errors="surrogateescape"), end_of)]
    except (ValueError, RecursionError):
        return Reject(ErrorCode.BAD_JSON, None)


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode(errors="surrogateescape"))


def _own_text(value: msgspec.Raw) -> str | None:
    """A string's text, a number's digits; None for what is absent, empty or anything else."""
    text = bytes(value)
    if text[:1] == b'"':
        return _unquoted(text) or None
    return text.decode() if text and text[0] in _STARTS_OF_NUMBERS else None


_STARTS_OF_NUMBERS = frozenset(b"-0123456789")


def _unquoted(text: bytes) -> str:
    if b"\\" not in text:
        return text[1:-1].decode(errors="replace")
    try:
        return str(json.loads(text.decode(errors="replace"))).encode(errors="replace").decode()
    except ValueError:
        return ""


def _sent_at(text: str | None) -> str | None:
    return text if text and len(text) <= SENT_AT_CHARACTERS else None


def _message_id(message: _Texts, body: bytes) -> str:
    """The message's own id; else one from its bytes, or a random one where it has no client time either."""
    if message.messageId:
        return message.messageId
    if message.originalTimestamp or message.timestamp:
        return f"sha256:{sha256(body).hexdigest()[:32]}"
    return str(uuid4())
