"""A shop's retention: days beyond it are *frozen*. Their reports stay and are never computed again."""

from datetime import datetime, timedelta

from contracts.zones import day_bounds, local_date

LEAST_DAYS, MOST_DAYS = 30, 3_650
"""What a person may choose. Below, late messages and repairs would meet days that are frozen already."""


def kept_from(zone: str, retention_days: int | None, now: datetime) -> datetime | None:
    """The instant at which the oldest day begins that the retention keeps; None where everything is kept."""
    if retention_days is None:
        return None
    return day_bounds(zone, local_date(zone, now) - timedelta(days=retention_days))[0]


def frozen_before(
    zone: str, retention_days: int | None, archive_from: datetime | None, now: datetime
) -> datetime | None:
    """A day that begins before this instant is frozen; None where none is.

    `archive_from`: up to when rows of the shop were deleted. A retention that is raised later does not bring them back.
    """
    return max(filter(None, (kept_from(zone, retention_days, now), archive_from)), default=None)
