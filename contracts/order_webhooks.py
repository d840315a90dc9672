"""Webhooks of a shop's own platform: the secrets they are signed with, and the check of a signature.

WooCommerce lets a shop choose the secret, so ours is derived. Shopify chooses it; the shop gives it to us once, and it
travels, sealed, in the address that Shopify posts to. So neither database nor topic holds a secret of this kind.
"""

import base64
import hashlib
import hmac
from enum import StrEnum

from contracts.keys import WriteKey


class Platform(StrEnum):
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


def derived_secret(key: WriteKey, platform: Platform, platform_secret: bytes) -> str:
    """What the shop enters on its platform; another one for each generation of its keys."""
    digest = _digest(platform_secret, f"order-webhook/{owner(key, platform)}".encode())
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether the header's text is base64 of the body's HMAC-SHA-256, as both platforms write it."""
    expected = base64.b64encode(_digest(secret.encode(), body))
    return hmac.compare_digest(expected, signature.strip().encode(errors="replace"))


def owner(key: WriteKey, platform: Platform) -> str:
    """Whose a secret is: a platform, a shop, and one generation of its keys."""
    return f"{platform}/{key.merchant}/{key.generation}"


def _digest(secret: bytes, content: bytes) -> bytes:
    return hmac.new(secret, content, hashlib.sha256).digest()
