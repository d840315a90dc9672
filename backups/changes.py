"""Which documents changed between two instants, from the main database's own log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId, Timestamp
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from backups.source import leave_mark
from backups.sums import id_bytes
from contracts.backups import MADE_BY_PEOPLE, BackupLine, is_copied
from contracts.names import Collection

Document = dict[str, Any]
MOST_IDS = 500_000
"""Of a collection that changed more than this, every document is compared."""
_OF_DOCUMENTS = ("insert", "update", "replace", "delete")
_CANNOT_TELL = (280, 286, 10334)
"""The log no longer reaches back (ChangeStreamFatalError, ChangeStreamHistoryLost), or one change is too large for it."""


@dataclass(slots=True)
class Changes:
    """Ids by collection, each once. A collection in `unknown` may have changed anywhere."""

    ids: dict[str, dict[bytes, Any]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, collection: str, id_: Any) -> None:
        found = self.ids.setdefault(collection, {})
        if len(found) < MOST_IDS:
            found[id_bytes(id_)] = id_
        else:
            self.unknown.add(collection)

    def of(self, collection: str) -> list[Any] | None:
        """None where it is not known."""
        return None if collection in self.unknown else list(self.ids.get(collection, {}).values())

    @property
    def is_none(self) -> bool:
        return not self.unknown and not any(self.ids.values())


def changes_since(database: Database[Document], line: BackupLine, since: Timestamp) -> Changes | None:
    """What changed from `since` until now; None where the log does not reach back.

    The end is a mark that is written into the database: what a majority had before it is in the answer.
    """
    changes = Changes()
    try:
        with database.watch(
            _pipeline(line), start_at_operation_time=since, show_expanded_events=True, max_await_time_ms=500
        ) as stream:
            token = leave_mark(database, line)
            for event in stream:
                if _is_mark(event, line, token):
                    return changes
                if event["operationType"] in ("dropDatabase", "invalidate"):
                    return None
                _note(changes, line, event)
    except OperationFailure as error:
        if error.code in _CANNOT_TELL:
            return None
        raise
    raise PyMongoError("The main database ended the stream of its changes.")


def _pipeline(line: BackupLine) -> list[Document]:
    """Keys only: documents are read at the snapshot."""
    fields = {"operationType": 1, "ns": 1, "to": 1, "documentKey": 1, "token": "$fullDocument.token"}
    stages: list[Document] = [{"$project": fields}]
    if line is BackupLine.DECISIONS:
        wanted = [*map(str, MADE_BY_PEOPLE), str(Collection.BACKUPS), None]
        stages.append({"$match": {"ns.coll": {"$in": wanted}}})
    return stages


def _is_mark(event: Mapping[str, Any], line: BackupLine, token: ObjectId) -> bool:
    is_ours = event.get("ns", {}).get("coll") == Collection.BACKUPS
    return bool(is_ours and event.get("documentKey", {}).get("_id") == f"mark/{line}" and event.get("token") == token)


def _note(changes: Changes, line: BackupLine, event: Mapping[str, Any]) -> None:
    collection = event["ns"].get("coll", "")
    if event["operationType"] in _OF_DOCUMENTS:
        if is_copied(line, collection):
            changes.add(collection, event["documentKey"]["_id"])
        return
    for name in (collection, event.get("to", {}).get("coll")):
        if event["operationType"] in ("drop", "rename") and name and is_copied(line, name):
            changes.unknown.add(name)
