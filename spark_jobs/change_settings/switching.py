"""The switch of a shop's readers from one edition to the next, and the end of the former one a day later."""

import logging
from datetime import datetime

from pymongo.database import Database

from contracts.editions import edition_id
from contracts.names import Collection
from contracts.shop_settings import FORMER_KEPT, FormerSettings
from spark_jobs.change_settings.ordered import order_of
from spark_jobs.database import Document
from spark_jobs.merchants import Merchant

MOST_ANNOUNCED = 5_000
log = logging.getLogger("footfall.job")


def switch(database: Database[Document], merchant: Merchant, now: datetime) -> bool:
    """One write: readers see the former settings' reports before it and the next ones' after it; False where the order
    does not stand any more.
    """
    if merchant.next is None:
        return False
    following, frozen = merchant.next, merchant.next.frozen_before(now)
    change: Document = {
        "$set": {
            "time_zone": following.time_zone,
            "currency": following.currency,
            "message_currency": following.message_currency,
            "settings_version": following.settings_version,
        },
        "$unset": {"next": ""} if frozen else {"next": "", "reports_from": ""},
        "$push": {"former": FormerSettings(settings_version=merchant.settings_version, until=now)},
    }
    if frozen:
        change["$set"]["reports_from"] = frozen
    is_done = database[Collection.MERCHANTS].update_one(order_of(merchant), change).matched_count == 1
    log.info("shop=%s settings=%d switched=%s", merchant.id, following.settings_version, is_done)
    return is_done


def reports_of(database: Database[Document], merchant: Merchant) -> list[str]:
    """Ids of the next edition's reports, the newest 5,000 where there are more: a message holds no more."""
    version = merchant.next.settings_version if merchant.next else merchant.settings_version
    query = {"merchant": merchant.id, "settings_version": version}
    newest = database[Collection.REPORTS].find(query, {"_id": 1}).sort("day", -1).limit(MOST_ANNOUNCED)
    return sorted(report["_id"] for report in newest)


def remove_former(database: Database[Document], now: datetime) -> None:
    """What belongs to editions that nobody is shown any more, since a day; their changed numbers stay as a record."""
    over = {"$lt": now - FORMER_KEPT}
    for merchant in list(database[Collection.MERCHANTS].find({"former.until": over}, {"former": 1, "reports_from": 1})):
        for former in merchant["former"]:
            if former["until"] < now - FORMER_KEPT:
                _remove(database, merchant["_id"], former["settings_version"], merchant.get("reports_from"))
        database[Collection.MERCHANTS].update_one({"_id": merchant["_id"]}, {"$pull": {"former": {"until": over}}})


def _remove(database: Database[Document], merchant: str, version: int, reports_from: datetime | None) -> None:
    """Reports of days that the next edition does not have stay: nothing can compute them again."""
    edition = edition_id(merchant, version)
    of_edition = {"_id": {"$gte": f"{edition}/", "$lt": f"{edition}0"}}
    of_version = {"merchant": merchant, "settings_version": version}
    has_followers = {"day": {"$gte": reports_from.date().isoformat()}} if reports_from else {}
    counts = {
        "reports": database[Collection.REPORTS].delete_many({**of_version, **has_followers}).deleted_count,
        "months": database[Collection.CALENDAR].delete_many(of_edition).deleted_count,
        "due": database[Collection.DUE_SCOPES].delete_many(of_edition).deleted_count,
        "tickets": database[Collection.TICKETS].delete_many(of_version).deleted_count,
    }
    log.info("shop=%s former settings=%d removed %s", merchant, version, counts)
