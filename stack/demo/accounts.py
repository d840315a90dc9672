"""The demo's shops and their one user, as the platform knows them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from contracts.keys import KeyKind, WriteKey, sign_key
from contracts.names import Collection
from contracts.settings import Settings
from report_app.accounts import new_user
from stack.demo.shops import Shop

EMAIL = "demo@footfall.example"


@dataclass(frozen=True, slots=True)
class SignIn:
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Keys:
    """A shop's write keys."""

    page: str
    server: str


def open_shop(database: Database[dict[str, Any]], shop: Shop, settings: Settings) -> Keys:
    """Creates the shop where it does not exist yet; returns its keys."""
    merchant = {
        "name": shop.title,
        "time_zone": shop.time_zone,
        "currency": shop.currency,
        "settings_version": 1,
        "prices_include_tax": False,
        "page_keys_may_change_orders": False,
        "hosts": [f"{shop.merchant}.example", "127.0.0.1"],
        "retention_days": None,
        "key_generation": 1,
        "created_at": datetime.now(UTC),
    }
    database[Collection.MERCHANTS].update_one({"_id": shop.merchant}, {"$setOnInsert": merchant}, upsert=True)
    return keys_of(shop.merchant, settings)


def keys_of(merchant: str, settings: Settings) -> Keys:
    known = settings.secrets_by_id()
    secret = next(iter(known))
    texts = [sign_key(WriteKey(kind, secret, merchant, 1), known) for kind in (KeyKind.PAGE, KeyKind.SERVER)]
    return Keys(*texts)


def give_sign_in(database: Database[dict[str, Any]], merchants: Iterable[str]) -> SignIn:
    """A user who sees the shops, with a new password at every call."""
    sign_in = SignIn(EMAIL, "-".join(secrets.token_hex(2) for _ in range(3)))
    user = new_user(sign_in.email, sign_in.password, list(merchants), "Demo", "en-GB", datetime.now(UTC))
    database[Collection.USERS].replace_one({"_id": user["_id"]}, user, upsert=True)
    return sign_in


def free_names(database: Database[dict[str, Any]], names: Iterable[str]) -> list[str]:
    """The names themselves where no such shop exists, else each with the next free number: one suffix for all."""
    number, wanted = 1, list(names)
    while database[Collection.MERCHANTS].count_documents({"_id": {"$in": wanted}}, limit=1):
        number += 1
        wanted = [f"{name}-{number}" for name in names]
    return wanted
