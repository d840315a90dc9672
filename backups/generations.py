"""Makes a generation: an instant is chosen, then every collection is copied, and nobody reads it before all of them are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from backups.changes import Changes, changes_since
from backups.copying import CollectionCopy, close_all
from backups.manifests import finish_collection, manifest_sum
from backups.problems import BackupProblem, SnapshotGone
from backups.source import Snapshot, SourceCollection, collections_of, history_window, newest_snapshot, taken_at
from backups.store import GENERATIONS, MANIFESTS, Store, clear_away, next_number
from backups.sums import Sum
from contracts.backups import BUCKETS, COMPLETE, SHARES, BackupLine, BackupState, Generation

Document = dict[str, Any]
_SNAPSHOTS = 3
"""So many times a copy begins again with a newer instant."""


def begin(store: Store, database: Database[Document], run: str) -> int:
    """The number of a new generation that shows the main database as it is now. Raises BusyBackup."""
    store.prepare([])
    token = store.take(run)
    clear_away(store)
    number, base = next_number(store), store.newest(COMPLETE)
    generation = Generation(
        _id=number,
        state=BackupState.COPYING,
        run=run,
        token=token,
        base=base["_id"] if base else None,
        share=(base["share"] + 1) % SHARES if base else 0,
        window_seconds=history_window(database),
    )
    store.database[GENERATIONS].insert_one(generation | _instant(store, database))
    return number


def _instant(store: Store, database: Database[Document]) -> Document:
    """What is to be copied. Collections that come later cannot be read at an instant before they were made, so they are
    listed first."""
    sources = [asdict(source) for source in collections_of(database, store.line)]
    snapshot = newest_snapshot(database, store.line)
    return {"sources": sources, "snapshot": snapshot, "taken_at": taken_at(snapshot)}


def copy(store: Store, database: Database[Document], number: int, run: str, packet: int = 1_000) -> Generation:
    """Copies what changed since the generation before; one that is complete stays as it is.

    May be killed and called again at any point. Raises BusyBackup, Superseded, BackupProblem.
    """
    generation = store.generation(number)
    if generation["state"] in COMPLETE:
        return generation
    token = store.take(run)
    store.note(number, token=token)
    clear_away(store, now_copying=number)
    for left in range(_SNAPSHOTS - 1, -1, -1):
        try:
            _Copy(store, database, store.generation(number), token, packet).run()
            break
        except SnapshotGone:
            if not left:
                raise
            _begin_again(store, database, number)
    return store.generation(number)


def refresh(store: Store, database: Database[Document]) -> bool:
    """Whether nothing has changed since the newest generation, which is then as good as one of now."""
    base = store.newest(COMPLETE)
    if base is None or base["state"] != BackupState.WHOLE:
        return False
    snapshot, now = newest_snapshot(database, store.line), _uuids(database, store.line)
    changes = changes_since(database, store.line, base["snapshot"])
    known = {name: bytes(manifest["uuid"]) for name, manifest in store.manifests(base["_id"]).items()}
    if now != known or changes is None or not changes.is_none:
        return False
    store.note(base["_id"], snapshot=snapshot, confirmed_at=taken_at(snapshot))
    return True


def _uuids(database: Database[Document], line: BackupLine) -> dict[str, bytes]:
    return {source.name: source.uuid for source in collections_of(database, line)}


def _begin_again(store: Store, database: Database[Document], number: int) -> None:
    """With a newer instant; what was copied at the older one is taken back by each collection's own start."""
    store.database[MANIFESTS].delete_many({"generation": number})
    store.note(number, **_instant(store, database))


@dataclass(slots=True)
class _Copy:
    store: Store
    database: Database[Document]
    generation: Generation
    token: str
    packet: int

    def run(self) -> None:
        number, base = self.generation["_id"], self.generation["base"]
        snapshot = Snapshot(self.database, self.generation["snapshot"])
        before = self.store.manifests(base) if base is not None else {}
        done = self.store.manifests(number)
        changes = self._changes()
        sources = [SourceCollection(**one) for one in self.generation["sources"]]
        self.store.prepare(one.name for one in sources)
        written = 0
        for source in sources:
            if source.name not in done:
                written += self._collection(snapshot, source, before.get(source.name), changes)
        for gone in before.keys() - {source.name for source in sources}:
            written += close_all(self.store, self.token, gone, number)
        self._require_same(sources)
        self._finish(snapshot.read, written)

    def _require_same(self, sources: list[SourceCollection]) -> None:
        """What was dropped or replaced meanwhile read as if it had been empty."""
        now = _uuids(self.database, self.store.line)
        if changed := [one.name for one in sources if now.get(one.name) != one.uuid]:
            raise SnapshotGone(f"Collections were dropped or replaced during the backup: {', '.join(changed)}.")

    def _changes(self) -> Changes | None:
        if self.generation["base"] is None:
            return None
        base = self.store.generation(self.generation["base"])
        return changes_since(self.database, self.store.line, base["snapshot"])

    def _collection(
        self, snapshot: Snapshot, source: SourceCollection, base: Mapping[str, Any] | None, changes: Changes | None
    ) -> int:
        if base is not None and base["buckets"] != BUCKETS:
            raise BackupProblem(
                f"Generation {base['generation']} has {base['buckets']} buckets, this version {BUCKETS}: "
                "let it begin in an empty backup database, and keep the old one as long as its generations are wanted."
            )
        changed = None
        if base is not None and bytes(base["uuid"]) == source.uuid and changes is not None:
            changed = changes.of(source.name)
        damaged = self._damaged(source.name)
        copy = CollectionCopy(self.store, snapshot, self.token, self.generation["_id"], source, damaged, self.packet)
        copy.copy(changed)
        finish_collection(copy, base)
        return copy.written

    def _damaged(self, collection: str) -> frozenset[int]:
        """Buckets that the generation before was found to have wrong; all of them where its sums are."""
        if self.generation["base"] is None:
            return frozenset()
        found = self.store.generation(self.generation["base"]).get("damaged", [])
        buckets = frozenset(bucket for name, bucket in found if name == collection)
        return frozenset(range(BUCKETS)) if None in buckets else buckets

    def _finish(self, read: int, written: int) -> None:
        number = self.generation["_id"]
        total = sum((manifest_sum(one) for one in self.store.manifests(number).values()), Sum())
        copied = {
            "state": BackupState.COPIED,
            "documents": total.documents,
            "bytes": total.size,
            "read": read,
            "written": written,
            "copied_seconds": (self.store.now() - self.generation["taken_at"]).total_seconds(),
        }
        self.store.fenced(self.token, {GENERATIONS: [UpdateOne({"_id": number}, {"$set": copied})]})
