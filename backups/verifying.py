"""Proves a generation: its buckets against the main database at the same instant, and every sum against what it sums."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from backups.manifests import bucket_sums, manifest_sum
from backups.rows import merchant_of
from backups.source import CHUNK, Snapshot, raw_collection
from backups.store import Store, at
from backups.sums import Sum, bucket_of, content_hash, sum_of
from contracts.backups import BUCKETS, ROWS, SHARES, Generation
from contracts.chunks import chunks

Document = dict[str, Any]
AT_ONCE = 1_024
"""Buckets of one read of the backup."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A bucket, or a whole collection where it is None, that is not what it should be."""

    collection: str
    bucket: int | None
    what: str

    def __str__(self) -> str:
        place = self.collection if self.bucket is None else f"{self.collection}, bucket {self.bucket}"
        return f"{place}: {self.what}"


def due_buckets(changed: Iterable[int], share: int) -> list[int]:
    """Those that changed, and a seventh of all."""
    return sorted({*changed, *range(share, BUCKETS, SHARES)})


def against_main(store: Store, database: Database[Document], generation: Generation) -> Iterator[Finding]:
    """What is wrong in the buckets that are due tonight, and in the sums and counts of all. Raises SnapshotGone."""
    snapshot = Snapshot(database, generation["snapshot"])
    for name, manifest in sorted(store.manifests(generation["_id"]).items()):
        check = _Check(store, generation["_id"], name)
        yield from check.sums_and_counts(manifest)
        due = due_buckets(manifest["changed"], generation["share"])
        yield from check.buckets(due, _sums_of_main(snapshot, name, due))


def of_itself(
    store: Store, generation: int, collection: str, buckets: Iterable[int] | None = None
) -> Iterator[Finding]:
    """What is wrong in a collection of the backup, or in some of its buckets, without the main database."""
    manifest = store.manifests(generation)[collection]
    check = _Check(store, generation, collection)
    yield from check.sums_and_counts(manifest)
    known = bucket_sums(store, collection, generation)
    yield from check.buckets(sorted(known if buckets is None else buckets), None)


def _sums_of_main(snapshot: Snapshot, collection: str, due: list[int]) -> dict[int, Sum]:
    """Reads ids alone where few buckets are due, else every document once."""
    sums = dict.fromkeys(due, Sum())
    documents: Iterable[RawBSONDocument]
    if 2 * len(due) < BUCKETS:
        ids = (id_ for id_ in snapshot.ids(collection) if bucket_of(id_) in sums)
        documents = (one for chunk in chunks(ids, CHUNK) for one in snapshot.of_ids(collection, chunk))
    else:
        documents = snapshot.documents(collection)
    for document in documents:
        bucket = bucket_of(document["_id"])
        if bucket in sums:
            sums[bucket] += sum_of(content_hash(document), len(document.raw))
    return sums


@dataclass
class _Check:
    store: Store
    generation: int
    collection: str

    @cached_property
    def known(self) -> dict[int, Sum]:
        """Kept sums of the buckets that have documents."""
        return bucket_sums(self.store, self.collection, self.generation)

    def sums_and_counts(self, manifest: Mapping[str, Any]) -> Iterator[Finding]:
        """Cheap, so of every bucket: the sums add up to the manifest's, and each bucket has as many rows as its sum says."""
        known = self.known
        if sum(known.values(), Sum()) != manifest_sum(manifest):
            yield Finding(self.collection, None, "the sums of its buckets do not add up to that of the collection.")
        counts = self._counts()
        for bucket in sorted(known.keys() | counts.keys()):
            wanted, found = known.get(bucket, Sum()).documents, counts.get(bucket, 0)
            if wanted != found:
                yield Finding(self.collection, bucket, f"{found} documents instead of {wanted}.")

    def _counts(self) -> dict[int, int]:
        """From the index alone."""
        stages = [{"$match": at(self.generation)}, {"$group": {"_id": "$bucket", "count": {"$sum": 1}}}]
        found = self.store.database[ROWS + self.collection].aggregate(stages, hint="of_bucket")
        return {one["_id"]: one["count"] for one in found}

    def buckets(self, due: list[int], main: Mapping[int, Sum] | None) -> Iterator[Finding]:
        """Against the sums that are kept, and those of the main database where they are given. Most buckets of a small
        collection are empty on all sides; `sums_and_counts` has seen that."""
        known = self.known
        filled = [bucket for bucket in due if bucket in known or (main is not None and main[bucket] != Sum())]
        for some in chunks(filled, AT_ONCE):
            sums = dict.fromkeys(some, Sum())
            for row in self._rows(some):
                if what := wrong_row(self.collection, row):
                    yield Finding(self.collection, row["bucket"], what)
                sums[row["bucket"]] += sum_of(content_hash(row["document"]), len(row["document"].raw))
            for bucket in some:
                if sums[bucket] != known.get(bucket, Sum()):
                    yield Finding(self.collection, bucket, "its documents do not add up to its sum.")
                if main is not None and main[bucket] != sums[bucket]:
                    there, here = main[bucket].documents, sums[bucket].documents
                    yield Finding(
                        self.collection, bucket, f"not the main database's documents ({there} there, {here} here)."
                    )

    def _rows(self, buckets: list[int]) -> Iterator[RawBSONDocument]:
        rows = raw_collection(self.store.database, ROWS + self.collection)
        yield from rows.find({"bucket": {"$in": buckets}} | at(self.generation)).hint("of_bucket")


def wrong_row(collection: str, row: Mapping[str, Any]) -> str | None:
    """What a row says of its document and is not true."""
    document = row["document"]
    if content_hash(document) != row["hash"]:
        return f"document {row['id']!r} is not the one that was copied."
    if document["_id"] != row["id"] or bucket_of(row["id"]) != row["bucket"]:
        return f"document {row['id']!r} stands in the place of another one."
    if merchant_of(collection, document) != row.get("merchant"):
        return f"document {row['id']!r} is of another merchant than its row says."
    return None
