"""Webhooks of a shop's own platform: the secrets they are signed with, and the check of a signature.

WooCommerce lets a shop choose the secret, so ours is derived. Shopify chooses it; the shop gives it to us once, and it
travels, sealed, in the address that Shopify posts to. So neither database nor topic holds a secret of this kind.
"""

import base64
import binascii
import hashlib
import hmac
import os
from enum import StrEnum

from contracts.keys import WriteKey

_NONCE_BYTES, _MAC_BYTES, _BLOCK_BYTES = 16, 16, 32
MOST_SECRET_BYTES = 256


class Platform(StrEnum):
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


class NotSealed(ValueError):
    """The text was not sealed for this key, or was changed since."""


def derived_secret(key: WriteKey, platform: Platform, platform_secret: bytes) -> str:
    """What the shop enters on its platform; another one for each generation of its keys."""
    digest = _digest(platform_secret, f"order-webhook/{_owner(key, platform)}".encode())
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def seal(secret: str, key: WriteKey, platform: Platform, platform_secret: bytes, nonce: bytes | None = None) -> str:
    """The secret as only we can read it, and for this key alone; raises ValueError where it is too long."""
    plain = secret.encode()
    if not plain or len(plain) > MOST_SECRET_BYTES:
        raise ValueError(f"a secret has 1 to {MOST_SECRET_BYTES} bytes")
    chosen = os.urandom(_NONCE_BYTES) if nonce is None else nonce
    hidden = chosen + _hidden(plain, chosen, key, platform, platform_secret)
    return base64.urlsafe_b64encode(hidden + _mac(hidden, key, platform, platform_secret)).decode().rstrip("=")


def unseal(text: str, key: WriteKey, platform: Platform, platform_secret: bytes) -> str:
    """Raises NotSealed."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSealed("it is no sealed secret") from error
    hidden, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(hidden, key, platform, platform_secret)):
        raise NotSealed("it was sealed for another key, or changed")
    nonce, rest = hidden[:_NONCE_BYTES], hidden[_NONCE_BYTES:]
    return _hidden(rest, nonce, key, platform, platform_secret).decode()


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the header's text is base64 of the body's HMAC-SHA-256, as both platforms write it."""
    expected = base64.b64encode(_digest(secret.encode(), body))
    return hmac.compare_digest(expected, signature.strip().encode(errors="replace"))


def _owner(key: WriteKey, platform: Platform) -> str:
    return f"{platform}/{key.merchant}/{key.generation}"


def _hidden(content: bytes, nonce: bytes, key: WriteKey, platform: Platform, platform_secret: bytes) -> bytes:
    """The content under a stream of HMAC-SHA-256 in counter mode; twice is the content again."""
    head = f"seal/{_owner(key, platform)}/".encode() + nonce
    blocks = range(-(-len(content) // _BLOCK_BYTES))
    stream = b"".join(_digest(platform_secret, head + number.to_bytes(4)) for number in blocks)
    return bytes(one ^ other for one, other in zip(content, stream, strict=False))


def _mac(hidden: bytes, key: WriteKey, platform: Platform, platform_secret: bytes) -> bytes:
    return _digest(platform_secret, f"sealed/{_owner(key, platform)}/".encode() + hidden)[:_MAC_BYTES]


def _digest(secret: bytes, content: bytes) -> bytes:
    return hmac.new(secret, content, hashlib.sha256).digest()
