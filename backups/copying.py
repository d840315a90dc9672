"""One collection's way into a generation: reads of the main database at one instant, fenced writes into the backup."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson.raw_bson import RawBSONDocument

from backups.rows import ROW_HEAD, Difference, difference, writes_of
from backups.source import CHUNK, Snapshot, SourceCollection
from backups.store import BUCKET_SUMS, Store, undo
from backups.sums import Sum, bucket_of, id_bytes
from contracts.backups import ROWS, STILL_THERE
from contracts.chunks import chunks

Document = dict[str, Any]
PACKET_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class CollectionCopy:
    """Rows are compared with those of the generation before, but for the buckets `damaged`, which are written anew.

    `changes` adds up by bucket, `fresh` holds whole sums of the damaged ones.
    """

    store: Store
    snapshot: Snapshot
    token: str
    generation: int
    source: SourceCollection
    damaged: frozenset[int] = frozenset()
    packet: int = 1_000
    """Documents of one write at the most."""
    written: int = 0
    changes: dict[int, Sum] = field(default_factory=dict)
    fresh: dict[int, Sum] = field(default_factory=dict)

    def copy(self, ids: list[Any] | None) -> None:
        """Of these ids, or of everything where it is not known what changed."""
        self._take_back()
        if ids is None:
            self._copy_everything()
        else:
            self._copy_ids(id_ for id_ in ids if bucket_of(id_) not in self.damaged)
        if self.damaged:
            self._copy_damaged()

    @property
    def name(self) -> str:
        return self.source.name

    def _take_back(self) -> None:
        """Removes what an earlier attempt at the same generation wrote."""
        undo(self.store, ROWS + self.name, {}, self.generation)
        undo(self.store, BUCKET_SUMS, {"collection": self.name}, self.generation)

    def _copy_ids(self, ids: Iterable[Any]) -> None:
        """Work in proportion to the ids."""
        for chunk in chunks(ids, self.packet):
            missing = {id_bytes(id_): id_ for id_ in chunk}
            for documents in self._packets(self.snapshot.of_ids(self.name, chunk)):
                for document in documents:
                    missing.pop(id_bytes(document["_id"]), None)
                self._write(documents)
            self._remove(list(missing.values()))

    def _copy_everything(self) -> None:
        """Reads every document, and writes what differs."""
        found = self.snapshot.documents(self.name)
        for documents in self._packets(one for one in found if bucket_of(one["_id"]) not in self.damaged):
            self._write(documents)
        query = {"until": STILL_THERE, "from": {"$lt": self.generation}, "bucket": {"$nin": sorted(self.damaged)}}
        heads = self.store.database[ROWS + self.name].find(query, {"id": 1})
        for chunk in chunks((row["id"] for row in heads), self.packet):
            there = {id_bytes(id_) for id_ in self.snapshot.existing(self.name, chunk)}
            self._remove([id_ for id_ in chunk if id_bytes(id_) not in there])

    def _copy_damaged(self) -> None:
        """From the main database alone, whatever stands in the rows."""
        self.fresh = dict.fromkeys(self.damaged, Sum())
        query = {"bucket": {"$in": sorted(self.damaged)}, "until": STILL_THERE}
        for rows in chunks(self.store.database[ROWS + self.name].find(query, {"_id": 1}), self.packet):
            self._carry_out(Difference(ended=list(rows)))
        ours = (id_ for id_ in self.snapshot.ids(self.name) if bucket_of(id_) in self.damaged)
        for chunk in chunks(ours, self.packet):
            for documents in self._packets(self.snapshot.of_ids(self.name, chunk)):
                self._write(documents)

    def _write(self, documents: list[RawBSONDocument]) -> None:
        rows = self._rows_of([document["_id"] for document in documents])
        self._carry_out(difference(self.name, documents, rows, self.generation))

    def _remove(self, ids: list[Any]) -> None:
        if ids:
            self._carry_out(difference(self.name, [], self._rows_of(ids), self.generation))

    def _rows_of(self, ids: list[Any]) -> Iterator[Mapping[str, Any]]:
        yield from self.store.database[ROWS + self.name].find({"id": {"$in": ids}, "until": STILL_THERE}, ROW_HEAD)

    def _carry_out(self, found: Difference) -> None:
        if writes := writes_of(found.ended, found.begun, self.generation):
            self.store.fenced(self.token, {ROWS + self.name: writes})
        self.written += len(found.ended) + len(found.begun)
        for bucket, change in found.sums.items():
            sums = self.fresh if bucket in self.fresh else self.changes
            sums[bucket] = sums.get(bucket, Sum()) + change

    def _packets(self, documents: Iterable[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
        """Bounded in memory, whatever the size of a document."""
        waiting: list[RawBSONDocument] = []
        size = 0
        for document in documents:
            waiting.append(document)
            size += len(document.raw)
            if len(waiting) >= self.packet or size >= PACKET_BYTES:
                yield waiting
                waiting, size = [], 0
        if waiting:
            yield waiting


def close_all(store: Store, token: str, collection: str, generation: int) -> int:
    """Of a collection that is no more: no row and no bucket is in the generation; answers the number of rows."""
    count = 0
    for name, query in ((ROWS + collection, {}), (BUCKET_SUMS, {"collection": collection})):
        for rows in chunks(store.database[name].find(query | {"until": STILL_THERE}, {"_id": 1}), CHUNK):
            store.fenced(token, {name: writes_of(rows, [], generation)})
            count += len(rows) if name != BUCKET_SUMS else 0
    return count
