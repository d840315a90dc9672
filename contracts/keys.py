"""Write keys: `wk1.<kind p|s>.<secret id>.<merchant>.<generation>.<signature>`; the collector needs no database to check one."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MERCHANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SIGNATURE_BYTES = 20


class KeyKind(StrEnum):
    PAGE = "page"
    SERVER = "server"


_LETTER = {KeyKind.PAGE: "p", KeyKind.SERVER: "s"}
_KIND = {letter: kind for kind, letter in _LETTER.items()}


class BadKey(ValueError):
    """The text is no write key of ours; the message says in what way, never with the key itself."""


@dataclass(frozen=True, slots=True)
class WriteKey:
    kind: KeyKind
    secret_id: str
    merchant: str
    generation: int

    def _head(self) -> str:
        return f"wk1.{_LETTER[self.kind]}.{self.secret_id}.{self.merchant}.{self.generation}"


def sign_key(key: WriteKey, secrets: Mapping[str, bytes]) -> str:
    """The key's text. Raises KeyError when `secrets` does not hold the key's secret id."""
    return f"{key._head()}.{_signature(key._head(), secrets[key.secret_id])}"


def read_key(text: str, secrets: Mapping[str, bytes]) -> WriteKey:
    """The key that `text` is, its signature compared in constant time; raises BadKey."""
    parts = text.split(".")
    if len(parts) != 6 or parts[0] != "wk1" or parts[1] not in _KIND or not text.isascii():
        raise BadKey("This is not a write key: copy it from the shop's settings page.")
    _, letter, secret_id, merchant, generation, signature = parts
    if not MERCHANT_ID.fullmatch(merchant) or not re.fullmatch(r"0|[1-9][0-9]{0,5}", generation):
        raise BadKey("This is not a write key: copy it from the shop's settings page.")
    key = WriteKey(_KIND[letter], secret_id, merchant, int(generation))
    expected = _signature(key._head(), secrets.get(secret_id, b"\0" * 32))
    if not hmac.compare_digest(expected, signature) or secret_id not in secrets:
        raise BadKey("The write key's signature does not fit: copy it again from the shop's settings page.")
    return key


def _signature(head: str, secret: bytes) -> str:
    return hmac.new(secret, head.encode(), hashlib.sha256).digest()[:_SIGNATURE_BYTES].hex()
