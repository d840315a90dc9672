"""Rows: a document with the first generation that has it and the first one that does not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import Int64
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, UpdateMany

from backups.sums import Sum, bucket_of, content_hash, id_bytes, sum_of
from contracts.backups import STILL_THERE
from contracts.names import Collection

Document = dict[str, Any]
ROW_HEAD = {"id": 1, "bucket": 1, "hash": 1, "size": 1}
"""Fields of a row without its document."""


@dataclass(slots=True)
class Difference:
    """What turns rows of the generation before into those of this one: rows that end, rows that begin, sums by bucket."""

    ended: list[Mapping[str, Any]] = field(default_factory=list)
    begun: list[Document] = field(default_factory=list)
    sums: dict[int, Sum] = field(default_factory=dict)

    def add(self, bucket: int, change: Sum) -> None:
        self.sums[bucket] = self.sums.get(bucket, Sum()) + change


def new_row(collection: str, document: RawBSONDocument, generation: int) -> Document:
    id_ = document["_id"]
    row = {
        "id": id_,
        "bucket": bucket_of(id_),
        "from": Int64(generation),
        "until": Int64(STILL_THERE),
        "hash": content_hash(document),
        "size": len(document.raw),
        "document": document,
    }
    merchant = merchant_of(collection, document)
    return row if merchant is None else row | {"merchant": merchant}


def merchant_of(collection: str, document: Mapping[str, Any]) -> str | None:
    """Whose document it is; users may see several shops and are nobody's."""
    found = document["_id"] if collection == Collection.MERCHANTS else document.get("merchant")
    return found if isinstance(found, str) else None


def row_sum(row: Mapping[str, Any]) -> Sum:
    return sum_of(row["hash"], row["size"])


def difference(
    collection: str, documents: Iterable[RawBSONDocument], rows: Iterable[Mapping[str, Any]], generation: int
) -> Difference:
    """Between documents as they are and the rows of the same ids that are still there."""
    found = Difference()
    known = {id_bytes(row["id"]): row for row in rows}
    for document in documents:
        fresh = new_row(collection, document, generation)
        old = known.pop(id_bytes(fresh["id"]), None)
        if old is not None and _is_same(old, fresh):
            continue
        if old is not None:
            _end(found, old)
        found.begun.append(fresh)
        found.add(fresh["bucket"], row_sum(fresh))
    for old in known.values():
        _end(found, old)
    return found


def writes_of(ended: Iterable[Mapping[str, Any]], begun: Iterable[Document], generation: int) -> list[Any]:
    """Operations in their order: some rows are not in the generation any more, others are from now on."""
    ids = [row["_id"] for row in ended]
    closing = [UpdateMany({"_id": {"$in": ids}}, {"$set": {"until": Int64(generation)}})] if ids else []
    return [*closing, *(InsertOne(row) for row in begun)]


def _is_same(old: Mapping[str, Any], fresh: Mapping[str, Any]) -> bool:
    return all(old[name] == fresh[name] for name in ("hash", "size", "bucket"))


def _end(found: Difference, old: Mapping[str, Any]) -> None:
    found.ended.append(old)
    found.add(old["bucket"], Sum() - row_sum(old))
