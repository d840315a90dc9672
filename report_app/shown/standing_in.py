"""The line above the numbers while they are those of a backup."""

from datetime import datetime

from contracts.zones import local_date
from report_app.formats import Formats, formats_without_shop
from report_app.reading.merchants import Merchant
from report_app.standing_in.choosing import Shown


def backup_line(shown: Shown, shop: Merchant | None = None, locale: str | None = None) -> str:
    """Times are the shop's where the page is about one."""
    formats = formats_without_shop(locale, shop.zone if shop else "UTC")
    since = _since(shown.away_since, shown.of, formats)
    return (
        f"Showing the backup of {formats.moment(shown.of)}: the main database has been away since {since} "
        f"({formats.zone}). Nothing can be changed until it is back."
    )


def _since(instant: datetime, of: datetime, formats: Formats) -> str:
    """The time alone where it is of the same day as the backup."""
    days = {local_date(formats.zone, one) for one in (instant, of)}
    return formats.clock(instant) if len(days) == 1 else formats.moment(instant)
