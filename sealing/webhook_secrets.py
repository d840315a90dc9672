"""Secrets that a shop's own platform chose, as they travel in the address to which it posts."""

import base64
import binascii

from contracts.keys import WriteKey
from contracts.order_webhooks import Platform, owner
from sealing import NotSealed, seal, unseal

MOST_SECRET_BYTES = 256


def seal_secret(secret: str, key: WriteKey, platform: Platform, platform_secret: bytes) -> str:
    """The secret as only we can read it, and for this key alone; raises ValueError where it is too long."""
    plain = secret.encode()
    if not plain or len(plain) > MOST_SECRET_BYTES:
        raise ValueError(f"a secret has 1 to {MOST_SECRET_BYTES} bytes")
    return base64.urlsafe_b64encode(seal(plain, platform_secret, _name(key, platform))).decode().rstrip("=")


def unseal_secret(text: str, key: WriteKey, platform: Platform, platform_secret: bytes) -> str:
    """Raises NotSealed."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSealed("it is no sealed secret") from error
    return unseal(content, platform_secret, _name(key, platform)).decode()


def _name(key: WriteKey, platform: Platform) -> str:
    return f"order-webhook/{owner(key, platform)}"
