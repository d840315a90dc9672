"""A line's database on the backup server: its generations, their rows, and the fence that lets one attempt write at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from backups.problems import BackupProblem, BusyBackup, Superseded
from contracts.backups import COMPLETE, ROWS, STILL_THERE, BackupLine, BackupState, Generation, database_of
from contracts.settings import Settings

Document = dict[str, Any]
GENERATIONS, MANIFESTS, BUCKET_SUMS, HOLDERS = "generations", "manifests", "bucket_sums", "holders"
_HOLDER = "writer"
LEASE = timedelta(minutes=2)
_ROW_INDEXES = (
    IndexModel([("id", ASCENDING), ("from", ASCENDING)], name="versions", unique=True),
    IndexModel([("bucket", ASCENDING), ("from", ASCENDING), ("until", ASCENDING)], name="of_bucket"),
    IndexModel([("from", ASCENDING)], name="begun"),
    IndexModel(
        [("until", ASCENDING), ("from", ASCENDING)],
        name="gone",
        partialFilterExpression={"until": {"$lt": STILL_THERE}},
    ),
    IndexModel([("merchant", ASCENDING), ("from", ASCENDING)], name="of_merchant", sparse=True),
)


@contextmanager
def open_store(settings: Settings, line: BackupLine, wait_seconds: float = 10.0) -> Iterator["Store"]:
    """Raises pymongo's errors after `wait_seconds` without a server."""
    with MongoClient[Document](
        settings.backup_mongo_uri,
        tz_aware=True,
        serverSelectionTimeoutMS=int(wait_seconds * 1000),
        appname="footfall-backup",
    ) as client:
        yield Store(client, line, settings.database)


def at(generation: int) -> Document:
    """A query: rows that the generation has."""
    return {"from": {"$lte": generation}, "until": {"$gt": generation}}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Reads are of what a majority has; writes of rows go through `fenced`."""

    def __init__(
        self, client: MongoClient[Document], line: BackupLine, database: str, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self.line, self.now = line, now
        self.database: Database[Document] = client.get_database(
            database_of(line, database),
            write_concern=WriteConcern(w="majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    # generations

    def generation(self, number: int) -> Generation:
        """Raises BackupProblem where there is none."""
        found = self.database[GENERATIONS].find_one({"_id": number})
        if found is None:
            raise BackupProblem(f"There is no generation {number}: `footfall backup list` shows those there are.")
        return _generation(found)

    def newest(self, states: Iterable[BackupState], before: int | None = None) -> Generation | None:
        query: Document = {"state": {"$in": [str(state) for state in states]}}
        if before is not None:
            query["_id"] = {"$lt": before}
        found = self.database[GENERATIONS].find_one(query, sort=[("_id", DESCENDING)])
        return _generation(found) if found else None

    def generations(self) -> list[Generation]:
        """Newest first."""
        return [_generation(found) for found in self.database[GENERATIONS].find().sort("_id", DESCENDING)]

    def manifests(self, generation: int) -> dict[str, Document]:
        """By collection."""
        found = self.database[MANIFESTS].find({"generation": generation})
        return {manifest["collection"]: manifest for manifest in found}

    def note(self, generation: int, **values: Any) -> None:
        self.database[GENERATIONS].update_one({"_id": generation}, {"$set": values})

    # the fence

    def take(self, run: str) -> str:
        """The new attempt's token: every earlier attempt can write nothing from here on. Raises BusyBackup.

        A run takes over from itself at once, and from another one when that has ended or not been heard of for a while.
        """
        token, now = str(ObjectId()), self.now()
        free = {"$or": [{"run": run}, {"expires_at": {"$lt": now}}]}
        taken = {"token": token, "run": run, "expires_at": now + LEASE}
        try:
            self.database[HOLDERS].update_one({"_id": _HOLDER, **free}, {"$set": taken}, upsert=True)
        except DuplicateKeyError:
            other = self.database[HOLDERS].find_one({"_id": _HOLDER}) or {}
            raise BusyBackup(
                f"Run {other.get('run')} is at the backup right now: try again when it has ended."
            ) from None
        return token

    def release(self, token: str) -> None:
        self.database[HOLDERS].update_one({"_id": _HOLDER, "token": token}, {"$set": {"expires_at": self.now()}})

    def fenced(self, token: str, writes: Mapping[str, Sequence[Any]]) -> None:
        """Carries out bulk writes by collection, all or none, if `token` is still the newest; raises Superseded."""

        def work(session: ClientSession) -> None:
            renewed = {"$set": {"expires_at": self.now() + LEASE}, "$inc": {"writes": 1}}
            held = self.database[HOLDERS].update_one({"_id": _HOLDER, "token": token}, renewed, session=session)
            if not held.matched_count:
                raise Superseded("Another attempt has taken over the backup: this one ends.")
            for collection, operations in writes.items():
                if operations:
                    self.database[collection].bulk_write(list(operations), ordered=True, session=session)

        with self.database.client.start_session() as session:
            session.with_transaction(work, write_concern=self.database.write_concern)

    # its collections

    def prepare(self, collections: Iterable[str]) -> None:
        """Makes what is missing, since nothing is made inside of a transaction."""
        existing = set(self.database.list_collection_names())
        own = {
            MANIFESTS: [IndexModel([("generation", ASCENDING)], name="of_generation")],
            BUCKET_SUMS: [
                IndexModel([("collection", 1), ("bucket", 1), ("from", 1)], name="versions", unique=True),
                IndexModel([("from", ASCENDING)], name="begun"),
                IndexModel([("until", ASCENDING), ("from", ASCENDING)], name="gone"),
            ],
            GENERATIONS: [],
            HOLDERS: [],
        }
        rows = {ROWS + name: list(_ROW_INDEXES) for name in collections}
        for name, indexes in (own | rows).items():
            if name not in existing:
                self.database.create_collection(name)
            if indexes:
                self.database[name].create_indexes(indexes)

    def row_collections(self) -> list[str]:
        """Names in the main database of every collection that any generation has."""
        found = self.database.list_collection_names(filter={"name": {"$regex": f"^{ROWS.replace('.', '[.]')}"}})
        return sorted(name.removeprefix(ROWS) for name in found)


def next_number(store: Store) -> int:
    counted = store.database[HOLDERS].find_one_and_update(
        {"_id": "counter"}, {"$inc": {"value": 1}}, upsert=True, return_document=True
    )
    assert counted is not None, "an upsert answers its document"
    return int(counted["value"])


def clear_away(store: Store, now_copying: int | None = None) -> None:
    """Removes what attempts left that never came to their end. Nothing that is complete reads any of it."""
    complete = [str(state) for state in COMPLETE]
    for left in store.database[GENERATIONS].find({"state": {"$nin": complete}, "_id": {"$ne": now_copying}}):
        for name in store.row_collections():
            undo(store, ROWS + name, {}, left["_id"])
        undo(store, BUCKET_SUMS, {}, left["_id"])
        store.database[MANIFESTS].delete_many({"generation": left["_id"]})
        store.database[GENERATIONS].delete_one({"_id": left["_id"]})


def undo(store: Store, collection: str, query: Document, generation: int) -> None:
    """Takes back what was written for a generation that is not complete."""
    store.database[collection].delete_many(query | {"from": generation})
    store.database[collection].update_many(query | {"until": generation}, {"$set": {"until": STILL_THERE}})


def _generation(found: Document) -> Generation:
    return cast(Generation, found)
