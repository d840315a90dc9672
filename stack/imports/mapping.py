"""Mappings: small declared files that say how a row of a file becomes a message."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Columns
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from stack.imports.rows import Row


class BadMapping(ValueError):
    """A mapping cannot be found or read; the message names it and the fix."""


class BadRow(ValueError):
    """A row does not fit its mapping; the message says in what way."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """`message` holds the fields of every message, `events` those of each kind of row; `{column}` is the row's text."""

    kind_column: str
    time_column: str
    time_format: str
    message: dict[str, Any]
    events: dict[str, dict[str, Any]]

    def message_of(self, columns: Columns[str, str], row: bytes) -> dict[str, Any]:
        """The message that a row is; its id comes from the row's own bytes, so that a repeated row is a copy.

        Raises BadRow.
        """
        try:
            fields = self.message | self.events[columns[self.kind_column]]
            made = filled(fields, columns)
            time = time_text(columns[self.time_column], self.time_format, ZoneInfo("UTC"))
        except KeyError as missing:
            raise BadRow(f"neither a column nor a kind of row that the mapping knows: {missing}") from None
        except ValueError as error:
            raise BadRow(str(error)) from None
        return {**made, "messageId": sha256(row).hexdigest(), "timestamp": time}

    def groups_of(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Each row alone."""
        for row in rows:
            yield [row]

    def messages_of(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Raises BadRow."""
        return [self.message_of(row.columns, row.content) for row in rows]


def time_text(text: str, time_format: str, zone: ZoneInfo) -> str:
    """ISO 8601 in UTC; a time without a zone is one of `zone`. Raises ValueError."""
    time = datetime.strptime(text, time_format)  # noqa: DTZ007 the zone is that of the file or of the shop
    placed = time if time.tzinfo else time.replace(tzinfo=zone)
    return placed.astimezone(UTC).isoformat().replace("+00:00", "Z")


def filled(template: Any, columns: Columns[str, str]) -> Any:
    """The template with the row's texts in place; members that come out empty are left out."""
    if isinstance(template, str):
        return template.format_map(columns)
    if isinstance(template, list):
        return [filled(member, columns) for member in template]
    if isinstance(template, dict):
        parts = {name: filled(value, columns) for name, value in template.items()}
        return {name: value for name, value in parts.items() if value != ""}
    return template
