"""A whole generation that is read in its rows, like a database: what stands in for the main database while that is away.

It has the reads that pages need and nothing else, so that nothing can be written through it.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

import bson
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from backups.store import GENERATIONS, Store, at
from contracts.backups import MADE_BY_PEOPLE, ROWS, BackupLine, BackupState
from contracts.editions import FIRST
from contracts.names import Collection

Document = dict[str, Any]
Sort = Sequence[tuple[str, int]]
_REMEMBERED = 64
_OF_REPORTS = ("time_zone", "currency", "settings_version", "reports_from")
"""Fields of a shop that its reports hang on: those of the night, as the reports are."""


class GenerationGone(PyMongoError):
    """It was rotated away while it was read: what was read may lack something. The newest one has it."""


class ReadOnly(RuntimeError):
    """Something was to be written, and the backup takes nothing."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """One generation of a line; nothing in it changes, but for people who are forgotten."""

    store: Store
    number: int
    taken_at: datetime
    snapshot: Any
    collections: frozenset[str]
    remembered: dict[bytes, list[Document]] = field(default_factory=dict, compare=False)

    def read(self, collection: str, match: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Rows that match, through the stages. Raises GenerationGone.

        What no index of the rows answers is about the platform and small; it is asked once a generation.
        """
        if collection not in self.collections:
            return []
        pipeline: list[Mapping[str, Any]] = [{"$match": in_rows(match) | at(self.number)}, *stages]
        if hint := _index_for(match, stages):
            return self._asked(collection, pipeline, hint=hint)
        key = bson.encode({"collection": collection, "pipeline": pipeline})
        if key not in self.remembered:
            found = self._asked(collection, pipeline)
            if len(self.remembered) >= _REMEMBERED:
                return found
            self.remembered[key] = found
        return copy.deepcopy(self.remembered[key])

    def _asked(self, collection: str, pipeline: list[Mapping[str, Any]], **options: Any) -> list[Document]:
        found = list(self.store.database[ROWS + collection].aggregate(pipeline, **options))
        self._require_it_is_there()
        return found

    def _require_it_is_there(self) -> None:
        """A generation goes before its rows do."""
        kept = {"_id": self.number, "state": BackupState.WHOLE}
        if self.store.database[GENERATIONS].find_one(kept, {"_id": 1}) is None:
            raise GenerationGone(f"Generation {self.number} of the {self.store.line} backups went while it was read.")


@dataclass(frozen=True, slots=True)
class StandIn:
    """Everything as the night had it; what only people made is newer where there is a newer copy of it."""

    name: str
    nightly: Pinned
    decisions: Pinned | None

    @property
    def taken_at(self) -> datetime:
        return self.nightly.taken_at

    def __getitem__(self, collection: str) -> "StandInCollection":
        return StandInCollection(self, str(collection))

    def command(self, name: str) -> Document:
        """`ping` and `buildInfo`, of the backup server."""
        if name not in ("ping", "buildInfo"):
            raise ReadOnly(f"The command {name} is not for a backup.")
        return self.nightly.store.database.command(name)

    def pinned(self, collection: str) -> Pinned:
        """Each collection is whole from one of the two."""
        is_newer = self.decisions is not None and collection in self.decisions.collections
        return self.decisions if self.decisions is not None and is_newer else self.nightly


@dataclass(slots=True)
class Found:
    """A query's documents; read when it is gone through, like a cursor."""

    collection: "StandInCollection"
    query: Mapping[str, Any]
    projection: Mapping[str, Any] | None
    order: Sort
    most: int

    def sort(self, by: str | Sort, direction: int = 1) -> "Found":
        self.order = [(by, direction)] if isinstance(by, str) else by
        return self

    def limit(self, most: int) -> "Found":
        self.most = most
        return self

    def __iter__(self) -> Iterator[Document]:
        before: list[Mapping[str, Any]] = []
        if self.order:
            before.append({"$sort": {_row_field(name): direction for name, direction in self.order}})
        if self.most:
            before.append({"$limit": self.most})
        after = [{"$project": self.projection}] if self.projection else []
        yield from self.collection.read(self.query, [*before, _DOCUMENTS, *after])


_DOCUMENTS: Mapping[str, Any] = {"$replaceWith": "$document"}


@dataclass(frozen=True, slots=True)
class StandInCollection:
    """The reads of a pymongo collection that pages use. Every other method raises ReadOnly."""

    of: StandIn
    name: str

    def find(
        self,
        query: Mapping[str, Any] | None = None,
        projection: Mapping[str, Any] | None = None,
        sort: Sort = (),
        limit: int = 0,
    ) -> Found:
        return Found(self, query or {}, projection, sort, limit)

    def find_one(
        self, query: Mapping[str, Any] | None = None, projection: Mapping[str, Any] | None = None, sort: Sort = ()
    ) -> Document | None:
        return next(iter(self.find(query, projection, sort, 1)), None)

    def aggregate(self, stages: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
        """The first stage is a `$match`."""
        match, *rest = stages
        return iter(self.read(match["$match"], [_DOCUMENTS, *rest]))

    def count_documents(self, query: Mapping[str, Any]) -> int:
        return len(self.read(query, [{"$project": {"_id": 1}}]))

    def read(self, match: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> list[Document]:
        found = self.of.pinned(self.name).read(self.name, match, stages)
        return self._as_reported(found) if self.name == Collection.MERCHANTS else found

    def _as_reported(self, shops: list[Document]) -> list[Document]:
        """Settings that were switched since the night have no reports in it: readers see those that it has."""
        if self.of.decisions is None or not shops:
            return shops
        ids = {"_id": {"$in": [shop["_id"] for shop in shops]}}
        night = {one["_id"]: one for one in self.of.nightly.read(self.name, ids, [_DOCUMENTS])}
        return [_with_settings_of(night.get(shop["_id"]), shop) for shop in shops]

    def __getattr__(self, name: str) -> NoReturn:
        raise ReadOnly(f"{name} of {self.name} is not for a backup.")


def stand_in(client: MongoClient[Document], database: str, before: StandIn | None = None) -> StandIn | None:
    """The newest whole generation, None where there is none; `before` itself while it is still the newest.

    Raises PyMongoError.
    """
    nightly = _newest(Store(client, BackupLine.NIGHTLY, database), before.nightly if before else None)
    if nightly is None:
        return None
    decisions = _newest(Store(client, BackupLine.DECISIONS, database), before.decisions if before else None)
    if decisions is not None and decisions.snapshot <= nightly.snapshot:
        decisions = None
    return StandIn(database, nightly, decisions)


def _newest(store: Store, before: Pinned | None) -> Pinned | None:
    found = store.newest([BackupState.WHOLE])
    if found is None or (before is not None and before.number == found["_id"]):
        return before if found else None
    collections = frozenset(store.manifests(found["_id"]))
    if store.line is BackupLine.DECISIONS:
        collections &= MADE_BY_PEOPLE
    return Pinned(store, found["_id"], found["taken_at"], found["snapshot"], collections)


def in_rows(query: Mapping[str, Any]) -> Document:
    """A query of documents as one of their rows. Raises ValueError for an operator over whole documents but $and, $or, $nor."""
    found: Document = {}
    for name, condition in query.items():
        if name in ("$and", "$or", "$nor"):
            found[name] = [in_rows(one) for one in condition]
        elif name.startswith("$"):
            raise ValueError(f"A backup cannot be asked with {name}.")
        else:
            found[_row_field(name)] = condition
            if name == "merchant" and isinstance(condition, str):
                found["merchant"] = condition
    return found


def _row_field(name: str) -> str:
    return "id" if name == "_id" else f"document.{name}"


def _index_for(match: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> str | None:
    """The index of rows by id, or by merchant, where the query or its order asks for one."""
    first = stages[0] if stages else {}
    if "_id" in match or list(first.get("$sort", {})) == ["id"]:
        return "versions"
    return "of_merchant" if isinstance(match.get("merchant"), str) else None


def _with_settings_of(night: Document | None, shop: Document) -> Document:
    if night is None or night.get("settings_version", FIRST) == shop.get("settings_version", FIRST):
        return shop
    kept = {name: night[name] for name in _OF_REPORTS if name in night}
    return {name: value for name, value in shop.items() if name not in (*_OF_REPORTS, "next")} | kept
