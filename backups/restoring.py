"""Puts a generation back: beside what is there, proven, and then in its place."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import json_util
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, ReplaceOne
from pymongo.database import Database

from backups.manifests import manifest_sum
from backups.problems import BackupProblem, DamagedBackup
from backups.reading import documents_of
from backups.source import CANONICAL, CHUNK, raw_collection
from backups.store import Store, at
from backups.sums import Sum, content_hash, id_bytes, sum_of
from backups.verifying import of_itself
from contracts.backups import RESTORING, ROWS, BackupState
from contracts.chunks import chunks
from contracts.names import Collection

Document = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Told of a collection: how many of how many documents are restored."""
_PACKET = 500


@dataclass(frozen=True, slots=True)
class Restored:
    generation: int
    documents: Mapping[str, int]
    """By collection."""


def readable(store: Store, number: int | None) -> int:
    """The generation to restore: the newest whole one, or the one that is named. Raises BackupProblem."""
    if number is None:
        newest = store.newest([BackupState.WHOLE])
        if newest is None:
            raise BackupProblem("There is no whole generation: `footfall backup list` shows what there is.")
        return int(newest["_id"])
    if store.generation(number)["state"] == BackupState.COPYING:
        raise BackupProblem(f"Generation {number} was never finished: choose another one of `footfall backup list`.")
    return number


@dataclass(frozen=True, slots=True)
class Source:
    """A generation of one of the lines, and those of its collections that are wanted from it."""

    store: Store
    generation: int
    collections: frozenset[str]


def source_of(store: Store, number: int) -> Source:
    """Every collection of the generation. Raises BackupProblem where it has none."""
    found = frozenset(store.manifests(number))
    if not found:
        raise BackupProblem(f"Generation {number} has no collections.")
    return Source(store, number, found)


def restore(store: Store, number: int, target: Database[Document], progress: Progress) -> Restored:
    """Every collection of the generation. Other collections of the target stay.

    What is there is replaced when everything is restored and read back, so a restore that fails or is killed changes
    nothing. Raises DamagedBackup.
    """
    source = source_of(store, number)
    counts = restore_beside([source], target, progress)
    put_in_place(target, source.collections)
    return Restored(number, counts)


def restore_beside(sources: Iterable[Source], target: Database[Document], progress: Progress) -> dict[str, int]:
    """The documents of each collection, restored and read back beside what is there, with its indexes and validators.

    Raises DamagedBackup, and then nothing of it stays.
    """
    counts = {}
    try:
        for source in sources:
            manifests = source.store.manifests(source.generation)
            for name in sorted(source.collections):
                _restore_collection(source.store, source.generation, name, manifests[name], target, progress)
                counts[name] = manifests[name]["documents"]
    except BaseException:
        for name in target.list_collection_names(filter={"name": {"$regex": f"^{RESTORING.replace('.', '[.]')}"}}):
            target.drop_collection(name)
        raise
    return counts


def put_in_place(target: Database[Document], collections: Iterable[str]) -> None:
    """Each collection that was restored beside takes its name from the one that is there."""
    for name in sorted(collections):
        target[RESTORING + name].rename(name, dropTarget=True)


def _restore_collection(
    store: Store, number: int, name: str, manifest: Mapping[str, Any], target: Database[Document], progress: Progress
) -> None:
    beside = RESTORING + name
    target.drop_collection(beside)
    target.create_collection(beside, **json_util.loads(manifest["options"], json_options=CANONICAL))
    done = 0
    for some in chunks(documents_of(store, number, name), _PACKET):
        target[beside].insert_many(some, ordered=False, bypass_document_validation=True)
        done += len(some)
        progress(name, done, manifest["documents"])
    found = sum((_sum(one) for one in raw_collection(target, beside).find()), Sum())
    if found != manifest_sum(manifest):
        raise DamagedBackup(
            f"Generation {number}, {name}: {found.documents} documents were restored, and they are not the "
            f"{manifest['documents']} of its manifest. Nothing was replaced; choose an older generation."
        )
    # now, and not before: documents that have expired since go as soon as their index is there
    make_indexes(target, beside, manifest)


def make_indexes(target: Database[Document], collection: str, manifest: Mapping[str, Any]) -> None:
    """The indexes that the collection had, but that of `_id`, which every one has."""
    models = []
    for index in json_util.loads(manifest["indexes"], json_options=CANONICAL):
        keys = list(index.pop("key").items())
        if keys != [("_id", 1)]:
            models.append(IndexModel(keys, **{name: value for name, value in index.items() if name != "v"}))
    if models:
        target[collection].create_indexes(models)


def restore_merchant(
    store: Store, number: int, merchant: str, target: Database[Document], progress: Progress
) -> Restored:
    """Puts one merchant's documents back as the generation has them, and removes those it has since. Users stay as they are.

    Every bucket that holds a document of the merchant is proven first. May be done again after it was killed. Raises
    DamagedBackup, and then nothing was changed.
    """
    held = {name: _buckets(store, number, name, merchant) for name in store.manifests(number)}
    if not held.get(str(Collection.MERCHANTS)):
        raise BackupProblem(f"Generation {number} has no merchant {merchant!r}.")
    for name, buckets in held.items():
        for finding in of_itself(store, number, name, buckets):
            raise DamagedBackup(f"Generation {number}: {finding} Nothing was changed; choose an older generation.")
    counts = {}
    for name in sorted(held):
        counts[name] = _restore_of_merchant(store, number, name, merchant, target, progress)
    return Restored(number, counts)


def _buckets(store: Store, number: int, collection: str, merchant: str) -> set[int]:
    found = store.database[ROWS + collection].find({"merchant": merchant} | at(number), {"bucket": 1})
    return {row["bucket"] for row in found}


def _restore_of_merchant(
    store: Store, number: int, name: str, merchant: str, target: Database[Document], progress: Progress
) -> int:
    ours = {"_id" if name == Collection.MERCHANTS else "merchant": merchant}
    raw = raw_collection(target, name)
    count = store.database[ROWS + name].count_documents({"merchant": merchant} | at(number))
    wanted: dict[bytes, bytes] = {}
    for some in chunks(documents_of(store, number, name, merchant), _PACKET):
        writes: list[Any] = [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in some]
        raw.bulk_write(writes, ordered=False, bypass_document_validation=True)
        wanted |= _hashes(some)
        progress(name, len(wanted), count)
    others = (one["_id"] for one in target[name].find(ours, {"_id": 1}) if id_bytes(one["_id"]) not in wanted)
    for some_ids in chunks(others, CHUNK):
        target[name].delete_many({"_id": {"$in": some_ids}})
    found = _hashes(raw.find(ours))
    if not found.items() <= wanted.items() or (len(found) < len(wanted) and not _expires(target, name)):
        raise DamagedBackup(
            f"{name}: what {merchant} has now is not what generation {number} has. Does something write to it? "
            "Stop that, and restore again."
        )
    return len(wanted)


def _expires(target: Database[Document], collection: str) -> bool:
    """Whether documents vanish by themselves: those that have expired since do so at once."""
    return any("expireAfterSeconds" in index for index in target[collection].list_indexes())


def _hashes(documents: Iterable[RawBSONDocument]) -> dict[bytes, bytes]:
    return {id_bytes(one["_id"]): content_hash(one) for one in documents}


def _sum(document: RawBSONDocument) -> Sum:
    return sum_of(content_hash(document), len(document.raw))
