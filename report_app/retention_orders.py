"""A person says for how long a shop's messages are kept in the archive. `maintain_archive` deletes what is older, each night."""

from datetime import datetime
from typing import Any, cast

from pymongo.database import Database

from contracts.names import Collection
from contracts.retention import LEAST_DAYS, MOST_DAYS, frozen_before, kept_from
from contracts.zones import local_date
from report_app.attempts import counted
from report_app.audit import record
from report_app.reading.merchants import Merchant
from report_app.setting_orders import QUOTA_AN_HOUR, BadSettings
from report_app.tickets.ordering import QUOTA_WINDOW, QuotaReached

FIELD = "retention_days"
_NOT_A_NUMBER = f"Enter a whole number of days from {LEAST_DAYS} to {MOST_DAYS}, or nothing to keep everything."


def read_days(text: str) -> int | None:
    """The days that a form names; None for nothing, which keeps everything. Raises BadSettings."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_DAYS))):
        raise BadSettings(FIELD, _NOT_A_NUMBER)
    return checked(int(text))


def checked(days: Any) -> int | None:
    """`days` where they can be chosen. Raises BadSettings."""
    is_whole = isinstance(days, int) and not isinstance(days, bool)
    if days is not None and not (is_whole and LEAST_DAYS <= days <= MOST_DAYS):
        raise BadSettings(FIELD, _NOT_A_NUMBER)
    return cast("int | None", days)


def removal(shop: Merchant, days: int | None, now: datetime) -> str:
    """What is lost for good with so many days; empty where it is nothing more than without them."""
    limit = kept_from(shop.zone, days, now)
    before = frozen_before(shop.zone, shop.retention_days, shop.archive_from, now)
    if limit is None or (before is not None and limit <= before):
        return ""
    day = local_date(shop.zone, limit)
    return (
        f"Messages of the days before {day:%-d %B %Y} are deleted from the archive for good, in the next night, and later ones "
        f"day by day when they are {days} days old. Their reports stay and are frozen: no late order, repair or request changes them, and a longer "
        "time chosen later brings nothing back. If the time zone or the currency is changed afterwards, these days have no reports in it. "
        f"Messages that are more than {days} days old when they arrive are not counted."
    )


def keep_for(
    database: Database[dict[str, Any]], shop: Merchant, days: int | None, is_confirmed: bool, who: str, now: datetime
) -> None:
    """From now on. What is lost for good must have been confirmed. Raises BadSettings or QuotaReached."""
    checked(days)
    if days == shop.retention_days:
        raise BadSettings(FIELD, "This is how long messages are kept already.")
    if (lost := removal(shop, days, now)) and not is_confirmed:
        raise BadSettings("confirmed", lost)
    if counted(database, f"retention/{shop.id}", now, QUOTA_WINDOW) > QUOTA_AN_HOUR:
        raise QuotaReached("Another time to keep messages was asked for")
    record(database, who, shop.id, "retention_changed", now, retention_days=days, before=shop.retention_days)
    unchanged = {"_id": shop.id, FIELD: shop.retention_days}
    if not database[Collection.MERCHANTS].update_one(unchanged, {"$set": {FIELD: days}}).matched_count:
        raise BadSettings(FIELD, "Somebody else changed this at the same moment: look at it again.")
