"""Merchants as the report app knows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from contracts.editions import FIRST, edition_id
from contracts.names import Collection
from contracts.shop_settings import NextSettings, message_currency


@dataclass(frozen=True, slots=True)
class Merchant:
    """One shop; `settings_version` is the one version of its reports that readers see, `next` the one being built.

    Days that begin before `reports_from` were frozen when these settings came: they have no reports of them. Messages are kept
    for `retention_days`, null for ever; those before `archive_from` were deleted.
    """

    id: str
    name: str
    zone: str
    currency: str
    settings_version: int
    key_generation: int
    message_currency: str
    hosts: tuple[str, ...]
    next: NextSettings | None = None
    reports_from: datetime | None = None
    retention_days: int | None = None
    archive_from: datetime | None = None

    @property
    def edition(self) -> str:
        return edition_id(self.id, self.settings_version)


def merchants_by_id(database: Database[dict[str, Any]], ids: list[str]) -> dict[str, Merchant]:
    """The shops among `ids` that exist, by id."""
    found = database[Collection.MERCHANTS].find({"_id": {"$in": ids}})
    return {document["_id"]: _merchant(document) for document in found}


def _merchant(document: dict[str, Any]) -> Merchant:
    return Merchant(
        id=document["_id"],
        name=document.get("name") or document["_id"],
        zone=document["time_zone"],
        currency=document["currency"],
        settings_version=int(document.get("settings_version", FIRST)),
        key_generation=int(document.get("key_generation", 1)),
        message_currency=message_currency(document),
        hosts=tuple(document.get("hosts") or ()),
        next=document.get("next"),
        reports_from=document.get("reports_from"),
        retention_days=document.get("retention_days"),
        archive_from=document.get("archive_from"),
    )
