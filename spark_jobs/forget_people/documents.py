"""What the database holds of people who are forgotten: documents of theirs go whole, copies of messages keep their places."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pymongo import DeleteOne
from pymongo.collection import Collection as PymongoCollection
from pymongo.database import Database

from contracts.chunks import chunks
from contracts.erasures import Forgotten
from contracts.floods import Places, counted_fields, unpacked, without_places
from contracts.held import changed
from contracts.names import Collection
from spark_jobs.database import Document
from spark_jobs.failures import TransientError

_CHUNK = 500
Documents = PymongoCollection[Document]
_WHOLE = (Collection.FAILED_EVENTS, Collection.ASSIGNED_TIMES)
"""Of these documents nothing is left."""


def held(
    database: Database[Document], collection: Collection, forgotten: Forgotten
) -> Iterator[tuple[Document, Document | None]]:
    """Documents that hold one of them, each with what is left of it."""
    query = {} if collection == Collection.SET_ASIDE else {"merchant": {"$in": list(forgotten.hashes)}}
    yield from changed(collection, database[collection].find(query, batch_size=_CHUNK), forgotten)


def erase_documents(database: Database[Document], forgotten: Forgotten) -> Counter[Collection]:
    """All but orders. Answers how many documents went, and of copies how many chunks changed; done again, there are none."""
    counts: Counter[Collection] = Counter()
    for collection in _WHOLE:
        for some in chunks(held(database, collection, forgotten), _CHUNK):
            gone = [DeleteOne({"_id": document["_id"]}) for document, _ in some]
            counts[collection] += database[collection].bulk_write(gone, ordered=False).deleted_count
    counts[Collection.SET_ASIDE] = _blank_copies(database, forgotten)
    return counts


def erase_failures_of(database: Database[Document], merchant: str, gone: Iterable[Sequence[int]]) -> int:
    """Documents of the inbox whose rows went, also those that hold no bytes any more; answers how many."""
    failed, count = database[Collection.FAILED_EVENTS], 0
    for some in chunks(gone, _CHUNK):
        places = [
            {"batch": batch, "place.partition": partition, "place.offset": offset} for batch, partition, offset in some
        ]
        count += failed.delete_many({"merchant": merchant, "$or": places}).deleted_count
    return count


def _blank_copies(database: Database[Document], forgotten: Forgotten) -> int:
    """A chunk that somebody wrote anew meanwhile was written without them."""
    copies, count, roots = database[Collection.SET_ASIDE], 0, set()
    for document, left in held(database, Collection.SET_ASIDE, forgotten):
        assert left is not None, "a copy keeps its places"
        same = {"_id": document["_id"], "sha256": document["sha256"]}
        change = {"$set": {"body": left["body"], "sha256": left["sha256"]}}
        count += copies.update_one(same, change).modified_count
        roots.add(document["batch"])
    for root in roots:
        _note_copy(database, root)
    return count


def _note_copy(database: Database[Document], root: int) -> None:
    """The ledger's sum of a copy is that of what stands there now."""
    size, digest = 0, hashlib.sha256()
    for chunk in database[Collection.SET_ASIDE].find({"batch": root}, batch_size=2).sort("number", 1):
        size += len(chunk["body"])
        digest.update(chunk["body"])
    change = {"$set": {"copy.bytes": size, "copy.sha256": digest.hexdigest()}}
    database[Collection.BATCHES].update_one({"_id": root, "copy": {"$exists": True}}, change)


def erase_places(database: Database[Document], merchant: str, gone: Iterable[Sequence[int]]) -> int:
    """Of errors that are counted only, those whose rows went; answers how many. Raises TransientError where somebody counted
    at this moment: an attempt that comes after takes the rest.
    """
    by_batch: dict[int, list[tuple[int, int]]] = {}
    for batch, partition, offset in gone:
        by_batch.setdefault(batch, []).append((partition, offset))
    causes, count = database[Collection.ERROR_CAUSES], 0
    for batches in chunks(sorted(by_batch), _CHUNK):
        for document in causes.find({"merchant": merchant, "batch": {"$in": batches}}):
            before = unpacked(document["places"])
            after = without_places(before, by_batch[document["batch"]])
            if taken := _size(before) - _size(after):
                if not _write_places(causes, document, after):
                    raise TransientError(
                        "Errors were counted while their person was forgotten: the round is tried again."
                    )
                count += taken
    return count


def _write_places(causes: Documents, document: Document, after: Places) -> bool:
    """False where the document is not what it was any more."""
    same = {"_id": document["_id"], "places": document["places"]}
    if _size(after):
        return causes.update_one(same, {"$set": counted_fields(after)}).modified_count == 1
    return causes.delete_one(same).deleted_count == 1


def _size(places: Places) -> int:
    return sum(map(len, places.values()))
