"""A person changes the time zone or the currency of a shop's reports: ordered here, built by change_settings."""

from datetime import datetime
from typing import Any

from pymongo.database import Database

from contracts.money import EXPONENTS
from contracts.names import Collection
from contracts.shop_settings import FormerSettings, new_order
from contracts.zones import zone_names
from report_app.attempts import counted
from report_app.audit import record
from report_app.reading.merchants import Merchant
from report_app.tickets.ordering import QUOTA_WINDOW, QuotaReached

Document = dict[str, Any]
QUOTA_AN_HOUR = 5


class BadSettings(ValueError):
    """These settings cannot be ordered; `field` is the one that is wrong, the message a sentence for its reader."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def order_change(
    database: Database[Document], shop: Merchant, time_zone: str, currency: str, who: str, now: datetime
) -> None:
    """Orders reports under these settings; one change at a time. Raises BadSettings or QuotaReached."""
    _check(shop, time_zone, currency)
    if counted(database, f"settings/{shop.id}", now, QUOTA_WINDOW) > QUOTA_AN_HOUR:
        raise QuotaReached("Other settings of this shop were asked for")
    record(database, who, shop.id, "settings_ordered", now, time_zone=time_zone, currency=currency)
    newest = database[Collection.MERCHANTS].find_one({"_id": shop.id}, {"newest_settings": 1}) or {}
    before = newest.get("newest_settings")
    version = max(before or 0, shop.settings_version) + 1
    ordered = new_order(version, time_zone, currency, who, now)
    unchanged = {"_id": shop.id, "settings_version": _version_of(shop), "next": None, "newest_settings": before}
    change = {"$set": {"next": ordered, "newest_settings": version}}
    if database[Collection.MERCHANTS].update_one(unchanged, change).matched_count == 0:
        raise BadSettings("time_zone", "Somebody else changed the settings at this moment: look at them again.")


def cancel_change(database: Database[Document], shop: Merchant, who: str, now: datetime) -> None:
    """The order does not stand any more, unless readers were switched in this moment; what was built is removed later."""
    if shop.next is None:
        return
    version = shop.next["settings_version"]
    record(database, who, shop.id, "settings_order_cancelled", now, settings_version=version)
    change = {"$unset": {"next": ""}, "$push": {"former": FormerSettings(settings_version=version, until=now)}}
    database[Collection.MERCHANTS].update_one({"_id": shop.id, "next.settings_version": version}, change)


def _check(shop: Merchant, time_zone: str, currency: str) -> None:
    if time_zone not in zone_names():
        raise BadSettings("time_zone", "This is no time zone: choose one such as Europe/Berlin or Asia/Kolkata.")
    if currency not in EXPONENTS:
        raise BadSettings("currency", "This is no currency: choose one such as EUR, USD or INR.")
    if shop.next is not None:
        raise BadSettings("time_zone", "Another change is on its way: cancel it first.")
    if (time_zone, currency) == (shop.zone, shop.currency):
        raise BadSettings("time_zone", "The reports are in this time zone and currency already.")


def _version_of(shop: Merchant) -> Document:
    """A query of its settings version; a shop whose settings never changed may have none."""
    return {"$in": [shop.settings_version, None] if shop.settings_version == 1 else [shop.settings_version]}
