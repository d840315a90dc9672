"""Who may see what: the signed-in user, and the shops that are the user's. Any other shop does not exist (404)."""

import hashlib
import logging
from typing import Any

from flask import Flask, abort, session
from flask_login import LoginManager, UserMixin, current_user

from contracts.keys import MERCHANT_ID
from contracts.names import Collection
from report_app import sessions
from report_app.accounts import stamp
from report_app.formats import Formats, known_locale
from report_app.reading.merchants import Merchant, merchants_by_id
from report_app.services import outside, services

log = logging.getLogger("report_app.access")


class User(UserMixin):  # type: ignore[misc]
    """A signed-in user, read anew for every request."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.email: str = document["_id"]
        self.name: str = document.get("name") or document["_id"]
        self.merchants: list[str] = list(document.get("merchants", []))
        self.is_operator: bool = document.get("is_operator") is True
        self.locale: str = known_locale(document.get("locale"))
        self._stamp = stamp(document["password_hash"])

    def get_id(self) -> str:
        return f"{self._stamp}|{self.email}"


def find_user(email: str) -> dict[str, Any] | None:
    """The `users` document of an e-mail address as `accounts.email_key` writes it."""
    return services().database[Collection.USERS].find_one({"_id": email})


def install(app: Flask) -> None:
    manager = LoginManager()
    manager.login_view = "sign_in.sign_in"
    manager.login_message = None
    manager.session_protection = "basic"
    manager.user_loader(_load)
    manager.init_app(app)


def _load(user_id: str) -> User | None:
    known, _, email = user_id.partition("|")
    own = sessions.id_of(session)
    if outside().choice.meanwhile.has_ended(own) or sessions.ended(services().database, [own]):
        return None
    document = find_user(email)
    user = User(document) if document else None
    return user if user and user.get_id() == f"{known}|{email}" else None


def shops_of_user() -> list[Merchant]:
    """The signed-in user's shops, by name."""
    found = merchants_by_id(services().database, current_user.merchants)
    return sorted(found.values(), key=lambda shop: (shop.name.casefold(), shop.id))


def shop_or_404(merchant_id: str) -> Merchant:
    """The shop, if it is the signed-in user's; every other id is 404 and logged."""
    if merchant_id in current_user.merchants and MERCHANT_ID.fullmatch(merchant_id):
        shop = merchants_by_id(services().database, [merchant_id]).get(merchant_id)
        if shop is not None:
            session["shop"] = shop.id
            return shop
    log_stranger(current_user.email, merchant_id)
    abort(404)


def shop_of_reader() -> Merchant | None:
    """The shop that a signed-in reader looked at last, or the first of theirs: its pages stand in the navigation."""
    own = shops_of_user() if current_user.is_authenticated else []
    return next((shop for shop in own if shop.id == session.get("shop")), own[0] if own else None)


def operator_or_404() -> None:
    """For pages about the whole platform: to everybody else they do not exist."""
    if not current_user.is_operator:
        log.warning("no operator: user=%s", _who(current_user.email))
        abort(404)


def log_stranger(email: str, merchant_id: str) -> None:
    """A user asked for a shop that is not the user's; the log holds a hash of the address."""
    log.warning("shop not the user's: user=%s merchant=%.60r", _who(email), merchant_id)


def _who(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:12]


def formats_for(shop: Merchant) -> Formats:
    """Formats of the signed-in reader for this shop."""
    return Formats(current_user.locale, shop.zone, shop.currency)
