"""Mappings: small declared files that say how a row of a file becomes a message."""

import tomllib
from collections.abc import Mapping as Columns
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

MAPPINGS = Path(__file__).parent / "mappings"


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
            filled = _filled(fields, columns)
            time = datetime.strptime(columns[self.time_column], self.time_format).replace(tzinfo=UTC)
        except KeyError as missing:
            raise BadRow(f"neither a column nor a kind of row that the mapping knows: {missing}") from None
        except ValueError as error:
            raise BadRow(str(error)) from None
        return {**filled, "messageId": sha256(row).hexdigest(), "timestamp": time.isoformat().replace("+00:00", "Z")}


def read_mapping(name: str) -> Mapping:
    """The mapping of that name in `mappings/`, or in the file of that path; raises BadMapping."""
    path = Path(name) if name.endswith(".toml") else MAPPINGS / f"{name}.toml"
    try:
        declared = tomllib.loads(path.read_text())
        row = declared["row"]
        return Mapping(row["kind"], row["time"], row["time_format"], declared["message"], declared["events"])
    except FileNotFoundError:
        raise BadMapping(f"There is no mapping {name!r}. Known: {', '.join(known_mappings())}.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"{path.name} is not TOML: {error}.") from None
    except KeyError as missing:
        raise BadMapping(f"{path.name} has no {missing}: see mappings/rees46.toml for an example.") from None


def known_mappings() -> list[str]:
    return sorted(path.stem for path in MAPPINGS.glob("*.toml"))


def _filled(template: Any, columns: Columns[str, str]) -> Any:
    """The template with the row's texts in place; members that come out empty are left out."""
    if isinstance(template, str):
        return template.format_map(columns)
    if isinstance(template, list):
        return [_filled(member, columns) for member in template]
    if isinstance(template, dict):
        filled = {name: _filled(value, columns) for name, value in template.items()}
        return {name: value for name, value in filled.items() if value != ""}
    return template
