"""Shops and users, as an operator creates them."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.keys import MERCHANT_ID, KeyKind, WriteKey, sign_key
from contracts.money import EXPONENTS
from contracts.names import Collection
from contracts.settings import Settings
from contracts.shop_keys import HOST
from report_app.accounts import BadAccount, email_key, new_user
from report_app.audit import PLATFORM, record
from report_app.reading.merchants import merchants_by_id
from report_app.setting_orders import BadSettings, order_change
from report_app.tickets.ordering import QuotaReached
from stack.problems import StackProblem

Document = dict[str, Any]


def create_shop(
    database: Database[Document], merchant: str, name: str, time_zone: str, currency: str, hosts: Sequence[str] = ()
) -> None:
    """Raises StackProblem where the id is taken, or a value is none that reports could be made with."""
    if not MERCHANT_ID.fullmatch(merchant):
        raise StackProblem(
            f"{merchant!r} is no shop id: use 1 to 40 of a-z, 0-9 and -, beginning with a letter or digit."
        )
    if time_zone not in available_timezones():
        raise StackProblem(f"{time_zone!r} is no time zone: name one such as Europe/Berlin or Asia/Kolkata.")
    if currency not in EXPONENTS:
        raise StackProblem(f"{currency!r} is no currency: name one such as EUR, USD or INR.")
    if bad := [host for host in hosts if not HOST.fullmatch(host)]:
        raise StackProblem(f"{bad[0]!r} is no host: name one such as shop.example, without https://.")
    document = {
        "_id": merchant,
        "name": name,
        "time_zone": time_zone,
        "currency": currency,
        "settings_version": 1,
        "prices_include_tax": False,
        "page_keys_may_change_orders": False,
        "hosts": list(hosts),
        "retention_days": None,
        "key_generation": 1,
        "created_at": datetime.now(UTC),
    }
    try:
        database[Collection.MERCHANTS].insert_one(document)
    except DuplicateKeyError:
        raise StackProblem(f"A shop {merchant!r} exists already: choose another id.") from None


def change_shop(database: Database[Document], merchant: str, time_zone: str | None, currency: str | None) -> str:
    """Orders reports under other settings, None for those that stay; answers what was ordered. Raises StackProblem."""
    found = merchants_by_id(database, [merchant]).get(merchant)
    if found is None:
        raise StackProblem(f"There is no shop {merchant!r}: see `footfall shop create`.")
    zone, code = time_zone or found.zone, currency or found.currency
    try:
        order_change(database, found, zone, code, "operator", datetime.now(UTC))
    except (BadSettings, QuotaReached) as problem:
        raise StackProblem(str(problem)) from None
    return f"{zone}, in {code}"


def write_keys(merchant: str, settings: Settings, generation: int = 1) -> dict[KeyKind, str]:
    known = settings.secrets_by_id()
    return {kind: sign_key(WriteKey(kind, next(iter(known)), merchant, generation), known) for kind in KeyKind}


def create_user(database: Database[Document], email: str, merchants: Sequence[str], locale: str) -> str:
    """The new user's password. Raises StackProblem where the user exists, or a shop does not."""
    known = {
        found["_id"] for found in database[Collection.MERCHANTS].find({"_id": {"$in": list(merchants)}}, {"_id": 1})
    }
    if missing := [merchant for merchant in merchants if merchant not in known]:
        raise StackProblem(f"There is no shop {missing[0]!r}: create it with `footfall shop create`.")
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    try:
        user = new_user(email, password, merchants, email.split("@")[0], locale, datetime.now(UTC))
        database[Collection.USERS].insert_one(user)
    except BadAccount as problem:
        raise StackProblem(str(problem)) from None
    except DuplicateKeyError:
        raise StackProblem(f"A user {email!r} exists already.") from None
    return password


def set_operator(database: Database[Document], email: str, who: str, *, is_operator: bool) -> None:
    """Operators see the state of the platform; which shops' numbers a user sees does not change. Raises StackProblem."""
    address = email_key(email)
    if not database[Collection.USERS].count_documents({"_id": address}):
        raise StackProblem(f"There is no user {address!r}: see `footfall user create`.")
    action = "operator_made" if is_operator else "operator_unmade"
    record(database, who, PLATFORM, action, datetime.now(UTC), user=address)
    database[Collection.USERS].update_one({"_id": address}, {"$set": {"is_operator": is_operator}})
