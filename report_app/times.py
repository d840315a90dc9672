"""Times in JSON: ISO 8601 in UTC, to the second."""

from datetime import UTC, datetime


def time_text(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None
