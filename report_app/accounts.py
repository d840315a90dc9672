"""Accounts: the shape of a `users` document, and passwords (argon2id)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 1_000
_HASHER = PasswordHasher()


class BadAccount(ValueError):
    """The account cannot be made so; the message says what to change."""


def hash_password(password: str) -> str:
    """The argon2id hash of `password`; raises BadAccount when it is too short or too long."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise BadAccount(f"A password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.")
    return _HASHER.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for an account that does not exist (null hash)."""
    try:
        return _HASHER.verify(password_hash or _hash_of_nothing(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def new_user(
    email: str, password: str, merchants: Sequence[str], name: str, locale: str, created_at: datetime
) -> dict[str, Any]:
    """A `users` document; raises BadAccount."""
    address = email_key(email)
    if "@" not in address or len(address) > 254:
        raise BadAccount("An account needs an e-mail address such as anna@example.com.")
    return {
        "_id": address,
        "merchants": list(merchants),
        "password_hash": hash_password(password),
        "name": name,
        "locale": locale,
        "created_at": created_at,
    }


def email_key(email: str) -> str:
    """The `_id` of an e-mail address: trimmed, lower case."""
    return email.strip().lower()


def stamp(password_hash: str) -> str:
    """Changes with the password, so that a new password ends old sessions."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


@cache
def _hash_of_nothing() -> str:
    return _HASHER.hash("no account has this password")
