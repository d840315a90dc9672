"""Forgotten people leave the generations: rows of theirs go, and sums and manifests are those of what is left.

Each bucket is one transaction, so that whoever is killed leaves generations that can be proven; run again, it finds the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson import Int64
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.database import Database

from backups.manifests import manifest_sum
from backups.problems import BusyBackup
from backups.rows import row_sum
from backups.source import CHUNK, raw_collection
from backups.store import BUCKET_SUMS, GENERATIONS, MANIFESTS, Store
from backups.sums import Sum, content_hash, sum_of
from contracts.backups import ROWS, BackupState
from contracts.erasures import Forgotten
from contracts.held import HOLDING, without
from contracts.names import Collection

Document = dict[str, Any]
_CODEC: bson.CodecOptions[Document] = bson.CodecOptions(tz_aware=True)
_UNPROVEN = (BackupState.COPYING, BackupState.COPIED)
_HEAD = {"from": 1, "until": 1, "hash": 1, "size": 1}


def forget(store: Store, forgotten: Forgotten, run: str) -> dict[str, int]:
    """Answers how many rows of each collection went or changed, in all generations. Raises BusyBackup, Superseded."""
    token = store.take(run)
    try:
        # its proof compares it with the database as it was
        if (newest := store.newest(list(BackupState))) is not None and newest["state"] in _UNPROVEN:
            raise BusyBackup(f"Generation {newest['_id']} is being made: it must be proven first.")
        names = set(store.row_collections())
        return {str(name): _Collection(store, token, str(name)).forget(forgotten) for name in HOLDING if name in names}
    finally:
        store.release(token)


@dataclass(frozen=True, slots=True)
class _Collection:
    store: Store
    token: str
    name: str

    @property
    def database(self) -> Database[Document]:
        return self.store.database

    def forget(self, forgotten: Forgotten) -> int:
        """A bucket at a time; of what changes only ids are kept meanwhile."""
        buckets = sorted({row["bucket"] for row in self._rows_of(forgotten, None)})
        count = 0
        for bucket in buckets:
            changes = {row["_id"]: self._left(row, forgotten) for row in self._rows_of(forgotten, [bucket])}
            self._rewrite(bucket, changes)
            count += len(changes)
        return count

    def _rows_of(self, forgotten: Forgotten, buckets: Sequence[int] | None) -> Iterable[RawBSONDocument]:
        """Rows that hold one of them."""
        query = self._query(forgotten)
        if buckets is not None:
            query["bucket"] = {"$in": list(buckets)}
        for row in raw_collection(self.database, ROWS + self.name).find(query, batch_size=CHUNK):
            document = _decoded(row["document"])
            if without(self.name, document, forgotten) is not document:
                yield row

    def _query(self, forgotten: Forgotten) -> Document:
        """A copy that was set aside belongs to no merchant. Nobody else is asked for without one: the index has only those with."""
        nobodys = [None] if self.name == Collection.SET_ASIDE else []
        return {"merchant": {"$in": [*sorted(forgotten.hashes), *nobodys]}}

    def _left(self, row: RawBSONDocument, forgotten: Forgotten) -> RawBSONDocument | None:
        left = without(self.name, _decoded(row["document"]), forgotten)
        return None if left is None else RawBSONDocument(bson.encode(left))

    def _rewrite(self, bucket: int, changes: Mapping[Any, RawBSONDocument | None]) -> None:
        """Sums change by what changes in the rows: what was not as its sum said is found damaged afterwards, too."""
        rows = list(self.database[ROWS + self.name].find({"_id": {"$in": list(changes)}}, _HEAD))
        sums = list(self.database[BUCKET_SUMS].find({"collection": self.name, "bucket": bucket}))
        manifests = list(self.database[MANIFESTS].find({"collection": self.name}))
        numbers = [manifest["generation"] for manifest in manifests]
        changed = [(one, _change(rows, changes, _shown_in(one, numbers))) for one in sums]
        self.store.fenced(
            self.token,
            {
                ROWS + self.name: self._writes_of_rows(changes),
                BUCKET_SUMS: [_write_of_sum(one, _known(one) + by) for one, by in changed],
                **_writes_of_generations(manifests, changed),
            },
        )

    def _writes_of_rows(self, changes: Mapping[Any, RawBSONDocument | None]) -> list[Any]:
        writes: list[Any] = []
        for id_, document in changes.items():
            if document is None:
                writes.append(DeleteOne({"_id": id_}))
            else:
                values = {"document": document, "hash": content_hash(document), "size": len(document.raw)}
                writes.append(UpdateOne({"_id": id_}, {"$set": values}))
        return writes


def _writes_of_generations(
    of_collection: Iterable[Document], changes: Sequence[tuple[Document, Sum]]
) -> dict[str, list[Any]]:
    """Of every generation that has one of the versions of the bucket."""
    manifests, generations = [], []
    for manifest in of_collection:
        number = manifest["generation"]
        change = sum((by for one, by in changes if one["from"] <= number < one["until"]), Sum())
        total = manifest_sum(manifest) + change
        values = {"sum": total.digest, "documents": Int64(total.documents), "bytes": Int64(total.size)}
        manifests.append(UpdateOne({"_id": manifest["_id"]}, {"$set": values}))
        added = {"documents": change.documents, "bytes": change.size}
        generations.append(UpdateOne({"_id": number}, {"$inc": added}))
    return {MANIFESTS: manifests, GENERATIONS: generations}


def _decoded(document: RawBSONDocument) -> Document:
    return bson.decode(document.raw, _CODEC)


def _shown_in(one: Mapping[str, Any], numbers: Iterable[int]) -> int:
    """A generation that is there and has this version of a sum: rows of those that were rotated away are gone."""
    return max((number for number in numbers if one["from"] <= number < one["until"]), default=one["from"])


def _change(rows: Iterable[Mapping[str, Any]], changes: Mapping[Any, RawBSONDocument | None], generation: int) -> Sum:
    """What becomes of a generation's sum when its rows change so."""
    total = Sum()
    for row in rows:
        if row["from"] <= generation < row["until"]:
            document = changes[row["_id"]]
            new = Sum() if document is None else sum_of(content_hash(document), len(document.raw))
            total = total - row_sum(row) + new
    return total


def _known(one: Mapping[str, Any]) -> Sum:
    return sum_of(one["sum"], one["bytes"], one["documents"])


def _write_of_sum(one: Document, new: Sum) -> Any:
    """A bucket without documents has no sum."""
    if new == Sum():
        return DeleteOne({"_id": one["_id"]})
    values = {"sum": new.digest, "documents": Int64(new.documents), "bytes": Int64(new.size)}
    return ReplaceOne({"_id": one["_id"]}, {**one, **values})
