"""Erasures of a shop, and the export of one."""

from collections.abc import Iterator
from typing import Any, cast

from pymongo.database import Database

from contracts.erasures import IN_FORCE, NOBODY, Erasure, Forgotten, forgotten_of
from contracts.names import Collection
from contracts.settings import Settings
from sealing import unseal

Document = dict[str, Any]
SHOWN = 50


def read_erasures(database: Database[Document], merchant: str) -> list[Erasure]:
    """The newest first, without their hashes."""
    hidden = {"ids.hash": 0, "messages": 0, "errors": 0}
    found = database[Collection.ERASURES].find({"merchant": merchant}, hidden).sort("ordered_at", -1).limit(SHOWN)
    return [cast(Erasure, one) for one in found]


def read_erasure(database: Database[Document], merchant: str, number: str) -> Erasure | None:
    """`number` is the second half of its id."""
    hidden = {"ids.hash": 0, "messages": 0, "errors": 0}
    found = database[Collection.ERASURES].find_one({"_id": f"{merchant}/{number}", "merchant": merchant}, hidden)
    return cast(Erasure | None, found)


def kept_out(database: Database[Document], settings: Settings, merchant: str) -> Forgotten:
    """Whom the shop has forgotten. Raises UnknownSecret, SettingsError."""
    fields = {"merchant": 1, "key": 1, "ids.hash": 1}
    found = list(database[Collection.ERASURES].find({"merchant": merchant, **IN_FORCE}, fields))
    return forgotten_of(found, settings.erasure_secrets_by_id()) if found else NOBODY


def has_export(database: Database[Document], erasure: Erasure) -> bool:
    """Whether all of its pieces are there: they vanish after a while."""
    pieces = erasure.get("export")
    return bool(pieces) and database[Collection.EXPORTS].count_documents({"erasure": erasure["_id"]}) == pieces


def read_export(database: Database[Document], erasure: Erasure, secret: bytes) -> Iterator[bytes]:
    """The document, piece by piece. Raises NotSealed where somebody changed one."""
    for piece in database[Collection.EXPORTS].find({"erasure": erasure["_id"]}, batch_size=2).sort("number", 1):
        yield unseal(bytes(piece["sealed"]), secret, f"export/{erasure['_id']}/{piece['number']}")
