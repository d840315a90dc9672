"""What a generation has of a collection: sums by bucket, and the manifest that ends the collection's copy."""

from collections.abc import Mapping
from typing import Any

from bson import Int64
from pymongo import InsertOne

from backups.copying import CollectionCopy
from backups.rows import writes_of
from backups.source import CHUNK
from backups.store import BUCKET_SUMS, MANIFESTS, Store, at
from backups.sums import Sum, sum_of
from contracts.backups import BUCKETS, STILL_THERE, Manifest
from contracts.chunks import chunks

Document = dict[str, Any]


def bucket_sums(store: Store, collection: str, generation: int) -> dict[int, Sum]:
    """Of the buckets that have documents."""
    found = store.database[BUCKET_SUMS].find({"collection": collection} | at(generation))
    return {row["bucket"]: _sum(row) for row in found}


def manifest_sum(manifest: Mapping[str, Any]) -> Sum:
    return sum_of(manifest["sum"], manifest["bytes"], manifest["documents"])


def finish_collection(copy: CollectionCopy, base: Mapping[str, Any] | None) -> Manifest:
    """Writes the sums that changed and, as the last thing of the collection, its manifest; `base` is the one before."""
    changed, total = _change_sums(copy, manifest_sum(base) if base else Sum())
    manifest = _manifest(copy, changed, total)
    copy.store.fenced(copy.token, {MANIFESTS: [InsertOne(dict(manifest))]})
    return manifest


def _change_sums(copy: CollectionCopy, before: Sum) -> tuple[list[int], Sum]:
    """Buckets that are not as they were, and the sum of all; `before` is that of the generation before."""
    rows = _rows_of_sums(copy)
    sums = {bucket: _sum(row) for bucket, row in rows.items()}
    wanted = {bucket: sums.get(bucket, Sum()) + change for bucket, change in copy.changes.items()} | copy.fresh
    changed = sorted(bucket for bucket, new in wanted.items() if new != sums.get(bucket, Sum()))
    for some in chunks(changed, CHUNK):
        # all of them in one transaction would not fit into a small cache
        ended = [rows[bucket] for bucket in some if bucket in rows]
        begun = [_row(copy, bucket, wanted[bucket]) for bucket in some if wanted[bucket] != Sum()]
        copy.store.fenced(copy.token, {BUCKET_SUMS: writes_of(ended, begun, copy.generation)})
    # where the sums were found wrong, the sum before says nothing
    total = sum((sums | wanted).values(), Sum()) if copy.fresh else sum(copy.changes.values(), before)
    # a bucket that was written anew is proven again, also where its sum is the same
    return sorted({*changed, *copy.fresh}), total


def _rows_of_sums(copy: CollectionCopy) -> dict[int, Document]:
    """Of the buckets that changed; of all where some are written anew."""
    query: Document = {"collection": copy.name, "until": STILL_THERE}
    if not copy.fresh:
        query["bucket"] = {"$in": sorted(copy.changes)}
    return {row["bucket"]: row for row in copy.store.database[BUCKET_SUMS].find(query)}


def _row(copy: CollectionCopy, bucket: int, new: Sum) -> Document:
    return {
        "collection": copy.name,
        "bucket": bucket,
        "from": Int64(copy.generation),
        "until": Int64(STILL_THERE),
        "sum": new.digest,
        "documents": Int64(new.documents),
        "bytes": Int64(new.size),
    }


def _sum(row: Mapping[str, Any]) -> Sum:
    return sum_of(row["sum"], row["bytes"], row["documents"])


def _manifest(copy: CollectionCopy, changed: list[int], total: Sum) -> Manifest:
    return Manifest(
        _id=f"{copy.generation}/{copy.name}",
        generation=copy.generation,
        collection=copy.name,
        uuid=copy.source.uuid,
        options=copy.source.options,
        indexes=copy.source.indexes,
        buckets=BUCKETS,
        sum=total.digest,
        documents=total.documents,
        bytes=total.size,
        changed=changed,
    )
