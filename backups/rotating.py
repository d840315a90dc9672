"""Removes generations that are no longer kept, and the rows that only they have."""

from collections.abc import Mapping
from datetime import datetime

from backups.keeping import gaps, kept, kept_of_decisions
from backups.store import BUCKET_SUMS, GENERATIONS, MANIFESTS, Store
from contracts.backups import COMPLETE, ROWS, BackupLine, BackupState, Generation


def rotate(store: Store) -> list[int]:
    """Numbers of the generations that went. Safe at any time: what is kept has none of the rows that go."""
    complete = [one for one in store.generations() if one["state"] in COMPLETE]
    keep = kept_numbers(store.line, complete)
    gone = sorted(one["_id"] for one in complete if one["_id"] not in keep)
    store.database[GENERATIONS].delete_many({"_id": {"$in": gone}})
    store.database[MANIFESTS].delete_many({"generation": {"$in": gone}})
    for after, before in gaps(keep):
        between = {"until": {"$gt": after, "$lte": before}, "from": {"$gt": after}}
        for collection in (BUCKET_SUMS, *(ROWS + name for name in store.row_collections())):
            store.database[collection].delete_many(between)
    return gone


def kept_numbers(line: BackupLine, complete: list[Generation]) -> set[int]:
    """Of whole ones those that the rule keeps; the newest of all; and what is newer than the newest whole one."""
    whole: Mapping[int, datetime] = {
        one["_id"]: one["taken_at"] for one in complete if one["state"] == BackupState.WHOLE
    }
    rule = kept if line is BackupLine.NIGHTLY else kept_of_decisions
    newest_whole = max(whole, default=0)
    return rule(whole) | {one["_id"] for one in complete if one["_id"] > newest_whole}
