"""The main database at one instant: every read of every collection shows the same state."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from bson import CodecOptions, ObjectId, Timestamp, json_util
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from backups.problems import BackupProblem, SnapshotGone
from contracts.backups import BackupLine, is_copied
from contracts.chunks import chunks
from contracts.names import Collection as Names

Document = dict[str, Any]
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
CANONICAL = json_util.CANONICAL_JSON_OPTIONS
CHUNK = 1_000
"""Documents of one read and of one write."""
_SNAPSHOT_TOO_OLD, _SNAPSHOT_UNAVAILABLE = 239, 246
_P = ParamSpec("_P")
_T = TypeVar("_T")


class ReadAt(ReadConcern):
    """Reads at a cluster time. A session of the driver's takes its time from its first read, and ends with its process;
    the tasks of a night are several processes."""

    def __init__(self, at: Timestamp) -> None:
        super().__init__("snapshot")
        self._at = at

    @property
    def document(self) -> Document:
        return {"level": "snapshot", "atClusterTime": self._at}


@dataclass(frozen=True, slots=True)
class SourceCollection:
    """What the server says of a collection; `uuid` changes when it is dropped and made anew.

    Options and indexes are canonical extended JSON: their keys hold dots and dollars.
    """

    name: str
    uuid: bytes
    options: str
    indexes: str


def leave_mark(database: Database[Document], line: BackupLine) -> ObjectId:
    """Writes a mark that the main database's log can be read up to; answers what tells it from earlier ones."""
    token = ObjectId()
    marks = database.get_collection(Names.BACKUPS, write_concern=WriteConcern(w="majority", j=True))
    marks.replace_one({"_id": f"mark/{line}"}, {"token": token}, upsert=True)
    return token


def newest_snapshot(database: Database[Document], line: BackupLine) -> Timestamp:
    """A cluster time that a majority has, and that every collection can be read at. Raises BackupProblem."""
    leave_mark(database, line)
    answer = database.command({"find": Names.BACKUPS, "limit": 1, "readConcern": {"level": "snapshot"}})
    at = answer["cursor"].get("atClusterTime")
    if not isinstance(at, Timestamp):
        raise BackupProblem("The main database gives no snapshot: it must be a replica set, one member is enough.")
    return at


def collections_of(database: Database[Document], line: BackupLine) -> list[SourceCollection]:
    """Those that the line keeps, as they are now: names, options and indexes have no history."""
    found = []
    for info in database.list_collections(filter={"type": "collection"}):
        if is_copied(line, info["name"]):
            indexes = list(database[info["name"]].list_indexes())
            options, keys = (json_util.dumps(said, json_options=CANONICAL) for said in (info["options"], indexes))
            found.append(SourceCollection(info["name"], bytes(info["info"]["uuid"]), options, keys))
    return sorted(found, key=lambda one: one.name)


def history_window(database: Database[Document]) -> int:
    """For how many seconds the server keeps an instant readable."""
    name = "minSnapshotHistoryWindowInSeconds"
    return int(database.client.admin.command({"getParameter": 1, name: 1})[name])


def taken_at(snapshot: Timestamp) -> datetime:
    return datetime.fromtimestamp(snapshot.time, UTC)


def raw_collection(
    database: Database[Document], name: str, read_concern: ReadConcern | None = None
) -> Collection[RawBSONDocument]:
    """A collection whose documents are the server's own bytes."""
    found = database.get_collection(name, codec_options=RAW, read_concern=read_concern)
    return cast("Collection[RawBSONDocument]", found)


def _told_when_gone(read: Callable[_P, Iterator[_T]]) -> Callable[_P, Iterator[_T]]:
    @wraps(read)
    def told(*arguments: _P.args, **options: _P.kwargs) -> Iterator[_T]:
        try:
            yield from read(*arguments, **options)
        except OperationFailure as error:
            if error.code in (_SNAPSHOT_TOO_OLD, _SNAPSHOT_UNAVAILABLE):
                raise SnapshotGone(
                    "The main database no longer has the instant that was to be copied. Where it happens again and again, "
                    "raise FOOTFALL_SNAPSHOT_WINDOW_SECONDS and restart the database."
                ) from error
            raise

    return told


class Snapshot:
    """Documents as they stood at cluster time `at`, in the server's own bytes; raises SnapshotGone. Counts what it reads."""

    def __init__(self, database: Database[Document], at: Timestamp) -> None:
        self.database, self.at = database, at
        self.read = 0

    @_told_when_gone
    def documents(self, collection: str) -> Iterator[RawBSONDocument]:
        for document in self._raw(collection).find({}, batch_size=CHUNK):
            self.read += 1
            yield document

    @_told_when_gone
    def of_ids(self, collection: str, ids: Sequence[Any]) -> Iterator[RawBSONDocument]:
        """Those of the ids that exist."""
        for chunk in chunks(ids, CHUNK):
            for document in self._raw(collection).find({"_id": {"$in": chunk}}, batch_size=CHUNK):
                self.read += 1
                yield document

    @_told_when_gone
    def ids(self, collection: str) -> Iterator[Any]:
        """Every `_id`, from the index alone: some eight hundred thousand a second."""
        plain = self.database.get_collection(collection, read_concern=ReadAt(self.at))
        for document in plain.find({}, {"_id": 1}, batch_size=10 * CHUNK).hint("_id_"):
            yield document["_id"]

    @_told_when_gone
    def existing(self, collection: str, ids: Sequence[Any]) -> Iterator[Any]:
        """Those of the ids that exist, from the index alone."""
        plain = self.database.get_collection(collection, read_concern=ReadAt(self.at))
        for document in plain.find({"_id": {"$in": list(ids)}}, {"_id": 1}):
            yield document["_id"]

    def _raw(self, collection: str) -> Collection[RawBSONDocument]:
        return raw_collection(self.database, collection, ReadAt(self.at))
