"""What the collectors know of a shop's keys, and the only thing: messages on the compacted topic `footfall.shop-keys.v1`."""

import json
import re
from typing import NotRequired, TypedDict

from contracts.keys import MERCHANT_ID

SHOP_KEYS_VERSION = 1
LAST_GENERATION = 999_999
"""A write key has room for no larger one."""
HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")
MOST_HOSTS = 100


class BadShopKeys(ValueError):
    """The value is no message about a shop's keys; the text says in what way."""


class ShopKeysMessage(TypedDict):
    """Value of a message; its key is the merchant's id. Keys of a generation before `oldest_generation` are not taken.

    Where there are `hosts`, pages on others are refused.
    """

    v: int
    merchant: str
    oldest_generation: int
    hosts: NotRequired[list[str]]


def read_shop_keys(value: bytes) -> ShopKeysMessage:
    """Raises BadShopKeys."""
    try:
        message = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise BadShopKeys("it is not JSON") from error
    if not isinstance(message, dict) or message.get("v") != SHOP_KEYS_VERSION:
        raise BadShopKeys(f"it is not of version {SHOP_KEYS_VERSION}")
    merchant, oldest = message.get("merchant"), message.get("oldest_generation")
    if not isinstance(merchant, str) or not MERCHANT_ID.fullmatch(merchant):
        raise BadShopKeys("its merchant is no shop id")
    if type(oldest) is not int or not 0 <= oldest <= LAST_GENERATION:
        raise BadShopKeys("its oldest_generation is no generation")
    read = ShopKeysMessage(v=SHOP_KEYS_VERSION, merchant=merchant, oldest_generation=oldest)
    if "hosts" in message:
        read["hosts"] = _hosts(message["hosts"])
    return read


def _hosts(found: object) -> list[str]:
    if not isinstance(found, list) or len(found) > MOST_HOSTS:
        raise BadShopKeys("its hosts are no short list")
    if not all(isinstance(host, str) and HOST.fullmatch(host) for host in found):
        raise BadShopKeys("one of its hosts is none")
    return found
