"""Which versions of what run here."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pymongo.database import Database

from contracts.reports import DEFINITION_VERSION
from repairs.rules import RULES_VERSION


def read_versions(database: Database[dict[str, Any]]) -> dict[str, str]:
    return {
        "Footfall": _own(),
        "Definitions": str(DEFINITION_VERSION),
        "Repair rules": str(RULES_VERSION),
        "MongoDB": str(database.command("buildInfo")["version"]),
    }


def _own() -> str:
    """An image holds the files, not the package."""
    try:
        return version("footfall")
    except PackageNotFoundError:
        return "from its files"
