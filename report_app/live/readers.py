"""Who reads a stream: the session behind a cookie, and whether it still holds."""

import logging
from collections.abc import Collection as Many
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Request
from pymongo.database import Database
from pymongo.errors import ConnectionFailure

from backups.standing_in import GenerationGone
from contracts.names import Collection
from report_app import sessions
from report_app.access import User
from report_app.reading.merchants import merchants_by_id
from report_app.services import outside

log = logging.getLogger("report_app.live")


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in user's browser; `cookie` is the request's header, `user_id` what Flask-Login keeps in the session."""

    cookie: str = field(repr=False)
    user_id: str
    session_id: str

    @property
    def email(self) -> str:
        return self.user_id.partition("|")[2]


class Door:
    """Reads the report app's own sessions. Every method but `read` asks the database, and raises PyMongoError."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._choice = outside(app).choice

    def database(self) -> Database[dict[str, Any]]:
        """The main one, or a backup while that one is away."""
        return self._choice.choose().database

    def read(self, cookie: str) -> Reader | None:
        """Whose cookie it is; None where its signature is not ours, it is too old, or nobody is signed in."""
        request = Request({"HTTP_COOKIE": cookie, "REQUEST_METHOD": "GET"})
        session = self._app.session_interface.open_session(self._app, request)
        user_id = session.get("_user_id") if session else None
        if session is None or not isinstance(user_id, str):
            return None
        return Reader(cookie, user_id, sessions.id_of(session))

    def shops(self, readers: Many[Reader]) -> dict[Reader, list[str]]:
        """The shops of each reader whose session still holds; the others are missing."""
        try:
            return self._shops(readers)
        except GenerationGone:
            self._choice.look_anew()
        except ConnectionFailure as error:
            log.warning("database away: %s; streams ask what is there now", type(error).__name__)
        return self._shops(readers)

    def _shops(self, readers: Many[Reader]) -> dict[Reader, list[str]]:
        database = self.database()
        ended = sessions.ended(database, {reader.session_id for reader in readers})
        emails = list({reader.email for reader in readers})
        documents = database[Collection.USERS].find({"_id": {"$in": emails}})
        users = {user.email: user for user in map(User, documents)}
        found = {}
        for reader in readers:
            user = users.get(reader.email)
            holds = reader.session_id not in ended and self.read(reader.cookie) is not None
            if user and holds and user.get_id() == reader.user_id:
                found[reader] = user.merchants
        return found

    def is_shop(self, merchant: str) -> bool:
        return bool(merchants_by_id(self.database(), [merchant]))

    def ping(self) -> dict[str, Any]:
        return self.database().command("ping")
