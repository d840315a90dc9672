"""Promises that are broken now."""

from datetime import datetime
from typing import Any

from pymongo.database import Database

from contracts.names import Collection
from contracts.promises import PromiseState


def broken_by_check(database: Database[dict[str, Any]]) -> dict[str, tuple[int, datetime]]:
    """Of each check that is broken: how many of its promises, and since when the first of them."""
    group = {"_id": "$check", "count": {"$sum": 1}, "since": {"$min": "$since"}}
    found = database[Collection.PROMISES].aggregate([{"$match": {"state": PromiseState.BROKEN}}, {"$group": group}])
    return {one["_id"]: (int(one["count"]), one["since"]) for one in found}
