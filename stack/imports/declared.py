"""Reads declared mappings: those of this package by name, others by the path of their file."""

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

from stack.imports.mapping import BadMapping, Mapping
from stack.imports.orders import OrdersMapping, orders_mapping

MAPPINGS = Path(__file__).parent / "mappings"
_UTC = ZoneInfo("UTC")


def read_mapping(name: str, zone: ZoneInfo = _UTC) -> Mapping | OrdersMapping:
    """The mapping of that name in `mappings/`, or in the file of that path; raises BadMapping.

    `zone` is that of the file's times, where they name none and the mapping is one of orders.
    """
    path = Path(name) if name.endswith(".toml") else MAPPINGS / f"{name}.toml"
    try:
        declared = tomllib.loads(path.read_text())
        row = declared["row"]
        if "group" in row:
            return orders_mapping(declared, zone)
        return Mapping(row["kind"], row["time"], row["time_format"], declared["message"], declared["events"])
    except FileNotFoundError:
        raise BadMapping(f"There is no mapping {name!r}. Known: {', '.join(known_mappings())}.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"{path.name} is not TOML: {error}.") from None
    except KeyError as missing:
        raise BadMapping(f"{path.name} has no {missing}: see mappings/rees46.toml for an example.") from None


def known_mappings() -> list[str]:
    return sorted(path.stem for path in MAPPINGS.glob("*.toml"))
