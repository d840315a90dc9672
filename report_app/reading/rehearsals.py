"""Rehearsals of a shop."""

from typing import Any, cast

from pymongo.database import Database

from contracts.names import Collection
from contracts.rehearsals import Rehearsal


def read_rehearsal(database: Database[dict[str, Any]], merchant: str, cause: str, digest: str) -> Rehearsal | None:
    """`digest` is the second half of its id."""
    found = database[Collection.REHEARSALS].find_one({"_id": f"{cause}/{digest}", "merchant": merchant})
    return cast(Rehearsal | None, found)


def newest_rehearsal(database: Database[dict[str, Any]], merchant: str, cause: str) -> Rehearsal | None:
    query = {"merchant": merchant, "cause": cause}
    return cast(Rehearsal | None, database[Collection.REHEARSALS].find_one(query, sort=[("asked_at", -1)]))
