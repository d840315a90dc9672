"""Bytes that only the platform can read again: AES-256-GCM under a key of their own name, derived by HKDF-SHA-256.

Standard forms of the library `cryptography`: RFC 5869 for the key, NIST SP 800-38D for the rest.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES, _TAG_BYTES, _KEY_BYTES = 12, 16, 32


class NotSealed(ValueError):
    """The bytes were not sealed under this secret and name, or were changed since."""


def seal(content: bytes, secret: bytes, name: str) -> bytes:
    """The content as nobody reads it without the secret; bound to `name`, so that it opens in no other place."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(secret, name).encrypt(nonce, content, None)


def unseal(sealed: bytes, secret: bytes, name: str) -> bytes:
    """Raises NotSealed."""
    nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    if len(hidden) < _TAG_BYTES:
        raise NotSealed("it is too short")
    try:
        return _cipher(secret, name).decrypt(nonce, hidden, None)
    except InvalidTag:
        raise NotSealed("it was sealed elsewhere, or changed") from None


def _cipher(secret: bytes, name: str) -> AESGCM:
    info = f"footfall/sealed/{name}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(secret))
