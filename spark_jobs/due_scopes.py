"""Due scopes: what must be recomputed, durable until it was. See docs/architecture.md, "Due scopes"."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo import DeleteOne, UpdateOne
from pymongo.database import Database

from contracts.editions import merchant_of
from contracts.names import Collection, DueGroup
from spark_jobs.database import Document
from spark_jobs.platform import published_watermark


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A local hour (`2026-11-24T10:00Z`, its start in UTC) or local day (`2026-11-24`) of a merchant's edition.

    `edition` is its id (contracts/editions.py): a merchant's own id as long as its settings never changed.
    """

    edition: str
    group: DueGroup
    key: str

    @property
    def id(self) -> str:
        return f"{self.edition}/{self.group}/{self.key}"

    @property
    def merchant(self) -> str:
        return merchant_of(self.edition)


def scope_of_id(id_: str) -> Scope:
    edition, group, key = id_.split("/", 2)
    return Scope(edition, DueGroup(group), key)


@dataclass(frozen=True, slots=True)
class DueScope:
    """A due scope as it was read: `token` changes whenever it is made due again.

    `complete_until`: the watermark that pages showed when it became due, None before the first; `causes`: what batches brought
    (contracts.restatements.Why), nothing for a replay or a rebuild.
    """

    scope: Scope
    token: str
    complete_until: datetime | None = None
    causes: tuple[str, ...] = ()


def make_due(
    database: Database[Document],
    scopes: Iterable[Scope],
    sequence: int,
    holder: int | str | None,
    why: str,
    causes: Mapping[Scope, Iterable[str]] | None = None,
) -> None:
    """Adds the scopes, or makes them due anew; while `holder` (a batch) is not committed nobody else removes them.

    Without a holder of its own a scope keeps the one it has. `causes` (contracts.restatements.Why) are gathered.
    """
    now, published = datetime.now(UTC), published_watermark(database)
    held_by: Document = {} if holder is None else {"holder": holder}
    unheld: Document = {"holder": None} if holder is None else {}
    writes = [
        UpdateOne(
            {"_id": scope.id},
            {
                "$max": {"sequence": sequence},
                "$set": {"token": secrets.token_hex(8), "why": why, **held_by},
                "$setOnInsert": {
                    "merchant": scope.merchant,
                    "group": str(scope.group),
                    "scope": scope.key,
                    "due_since": now,
                    "complete_until": published,
                    **unheld,
                },
                "$addToSet": {"causes": {"$each": sorted((causes or {}).get(scope, ()))}},
            },
            upsert=True,
        )
        for scope in scopes
    ]
    if writes:
        database[Collection.DUE_SCOPES].bulk_write(writes, ordered=False)


def hold_free(database: Database[Document], scopes: Iterable[Scope], holder: int | str | None) -> None:
    """`holder` takes those that nobody holds, so that nobody computes them beside it; commit_batch lets go of the rest."""
    free = {"_id": {"$in": [scope.id for scope in scopes]}, "holder": None}
    database[Collection.DUE_SCOPES].update_many(free, {"$set": {"holder": holder}})


def read_due(
    database: Database[Document], group: DueGroup, holder: int | str | None, limit: int, sequence: int
) -> list[DueScope]:
    """The scopes that may be computed and then removed at `sequence`: this holder's first, then nobody's, oldest first."""
    due = database[Collection.DUE_SCOPES]
    filters: list[Document] = [{"group": group, "holder": None, "sequence": {"$lte": sequence}}]
    if holder is not None:
        filters.insert(0, {"group": group, "holder": holder, "sequence": {"$lte": sequence}})
    found: list[DueScope] = []
    for index, query in enumerate(filters):
        room = 0 if index == 0 and holder is not None else max(limit - len(found), 1)
        found += [_due(document) for document in due.find(query).sort("due_since", 1).limit(room)]
    return found


def read_tokens(database: Database[Document], ids: Iterable[str], sequence: int) -> list[DueScope]:
    """Those of the ids that are still due at `sequence` or before, with their tokens of now."""
    query = {"_id": {"$in": list(ids)}, "sequence": {"$lte": sequence}}
    return [_due(document) for document in database[Collection.DUE_SCOPES].find(query)]


def overtaken(database: Database[Document], computed: Iterable[DueScope], sequence: int) -> set[Scope]:
    """Those that somebody else removed or made due again after they were read: what was read for them at `sequence` may be old.

    What is due at a newer sequence is not among them: its reports win over those of this one.
    """
    scopes = {one.scope.id: one for one in computed}
    found = database[Collection.DUE_SCOPES].find({"_id": {"$in": list(scopes)}}, {"token": 1, "sequence": 1})
    stand = {one["_id"] for one in found if one["token"] == scopes[one["_id"]].token or one["sequence"] > sequence}
    return {one.scope for id_, one in scopes.items() if id_ not in stand}


def remove_done(database: Database[Document], done: Iterable[DueScope], holder: int | str | None) -> None:
    """Removes what was computed, unless it was made due again or a batch in flight holds it."""
    writes = [DeleteOne({"_id": due.scope.id, "token": due.token, "holder": {"$in": [None, holder]}}) for due in done]
    if writes:
        database[Collection.DUE_SCOPES].bulk_write(writes, ordered=False)


def _due(document: Document) -> DueScope:
    return DueScope(
        scope_of_id(document["_id"]),
        document["token"],
        document.get("complete_until"),
        tuple(document.get("causes", ())),
    )
