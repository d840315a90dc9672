"""Ids of a person: what a message says of them, and the keyed hashes by which a forgotten one is known.

Nobody keeps the ids themselves. `spark_jobs/rules/person_ids.py` says the same in Spark's expressions.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any, Final, NamedTuple

HASH_CHARACTERS = 32
"""128 bits."""
MOST_CHARACTERS = 512
"""Longer ids are refused by the main road."""
MOST_WORDS = 5_000
"""Of a text that is no JSON object no more words are looked at."""
WORDS = (r'[^"\\]+', r'[^ \t\r\n"\\,:;{}\[\]()<>=&]+')
"""What stands between quotes, and between spaces and the signs of JSON, forms and addresses. No groups: Java repeats those by
recursion, and a long text would end the job."""
_WORDS = tuple(map(re.compile, WORDS))
NO_IDS: Final = frozenset({"null", "undefined", "0"})
"""What clients send when they have none: these are everybody's."""


class IdKind(StrEnum):
    """message: not a person's id, but that of one of their messages, by which decided times are known."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ORDER = "order"
    MESSAGE = "message"


OF_PERSONS = (IdKind.ANONYMOUS, IdKind.USER, IdKind.ORDER)


class PersonId(NamedTuple):
    kind: IdKind
    value: str


def normal(value: Any) -> str | None:
    """The form in which ids are compared: without spaces around, case kept; None for what is no id. Numbers come as their text."""
    text = value.strip() if isinstance(value, str) else ""
    return text if 0 < len(text) <= MOST_CHARACTERS and text.lower() not in NO_IDS else None


def id_key(secret: bytes, merchant: str) -> bytes:
    """The key of one shop's hashes, so that the same id in two shops has nothing in common."""
    return hmac.new(secret, f"forgotten/{merchant}".encode(), hashlib.sha256).digest()


def hashed(key: bytes, id_: PersonId) -> str:
    """32 hexadecimal digits."""
    said = f"{id_.kind}/{id_.value}".encode("utf-8", "surrogatepass")
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]


def ids_in_text(text: str) -> set[PersonId]:
    """The ids that a message's text carries; of a text that is no JSON object every word may be one."""
    try:
        # numbers as they are written: 1001 and "1001" are one id
        message = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return _words(text)
    return set(_of_message(message)) if isinstance(message, dict) else _words(text)


def _of_message(message: Mapping[str, Any]) -> Iterator[PersonId]:
    properties = message.get("properties")
    order_id = properties.get("order_id") if isinstance(properties, dict) else None
    said = (
        (IdKind.ANONYMOUS, message.get("anonymousId")),
        (IdKind.USER, message.get("userId")),
        # of an alias: the id before, of either kind
        (IdKind.ANONYMOUS, message.get("previousId")),
        (IdKind.USER, message.get("previousId")),
        (IdKind.ORDER, order_id),
    )
    for kind, value in said:
        if (text := normal(value)) is not None:
            yield PersonId(kind, text)


def _words(text: str) -> set[PersonId]:
    found = (match[0] for words in _WORDS for match in islice(words.finditer(text), MOST_WORDS))
    known = {word for one in found if (word := normal(one)) is not None}
    return {PersonId(kind, word) for word in known for kind in OF_PERSONS}


def ids_of_bytes(content: bytes) -> set[PersonId]:
    """The same of bytes; what is no UTF-8 in them is passed over."""
    return ids_in_text(content.decode("utf-8", "replace"))


def message_of_envelope(value: bytes) -> tuple[str, bytes] | None:
    """(merchant, the client's bytes) of a message of the events topic; None where it is no envelope."""
    try:
        envelope = json.loads(value)
        merchant = envelope["merchant"]
        message, source = envelope.get("message"), envelope.get("source")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(merchant, str):
        return None
    if isinstance(message, str):
        return merchant, message.encode("utf-8", "surrogatepass")
    raw = source.get("raw") if isinstance(source, dict) else None
    try:
        return merchant, base64.b64decode(raw) if isinstance(raw, str) else b""
    except (binascii.Error, ValueError):
        return merchant, b""


def given_ids(values: Iterable[tuple[IdKind, str | None]]) -> set[PersonId]:
    """Of single fields, as columns and documents have them."""
    return {PersonId(kind, text) for kind, value in values if (text := normal(value)) is not None}
