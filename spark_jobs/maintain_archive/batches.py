"""What the ledger says of the archive's batches: which are final, and how many rows each has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from contracts.ledger import DONE, FINAL
from contracts.maintenance import Mismatch
from contracts.names import Collection, DagId
from spark_jobs.database import Document
from spark_jobs.maintain_archive.files import ArchivedFile


@dataclass(frozen=True, slots=True)
class Batches:
    """`open`: ids of those that may still be written; `horizon`: above every batch that was planned when this was read;
    `final`: those that are final and were never compacted; `rows`: of these, as many as their jobs noted.
    """

    open: Sequence[int]
    horizon: int
    final: Sequence[int]
    rows: Mapping[int, int]

    @property
    def borders(self) -> list[int]:
        return [*self.open, self.horizon]


def read_batches(database: Database[Document]) -> Batches:
    """The counter is read first: what is planned after that lies beyond the horizon."""
    counter = database[Collection.COUNTERS].find_one({"_id": "batches"})
    horizon = int(counter["value"]) + 1 if counter else 1
    entries, of_events = database[Collection.BATCHES], {"dag": DagId.PROCESS_EVENTS}
    found = entries.find({**of_events, "state": {"$nin": list(FINAL)}}, {"_id": 1})
    open_ids = sorted(entry["_id"] for entry in found if entry["_id"] < horizon)
    never_compacted = {**of_events, "state": {"$in": list(DONE)}, "compacted_at": None, "_id": {"$lt": horizon}}
    final = list(entries.find(never_compacted, {"counts.messages": 1}))
    rows = {entry["_id"]: int(entry["counts"]["messages"]) for entry in final if "counts" in entry}
    return Batches(open_ids, horizon, [entry["_id"] for entry in final], rows)


def mismatches(files: Iterable[ArchivedFile], rows: Mapping[int, int]) -> list[Mismatch]:
    """The batches of which the archive holds another number of rows than the ledger says.

    One that may stand in a file with others is not looked at: its rows were counted before they were put together.
    """
    listed = list(files)
    spans = _united((file.first, file.last) for file in listed if not file.is_of_one_batch)
    archived: dict[int, int] = {}
    for file in listed:
        if file.is_of_one_batch:
            archived[file.first] = archived.get(file.first, 0) + file.rows
    apart = [batch for batch in rows if not any(first <= batch <= last for first, last in spans)]
    return [
        Mismatch(batch=batch, ledger=rows[batch], archive=archived.get(batch, 0))
        for batch in sorted(apart)
        if rows[batch] != archived.get(batch, 0)
    ]


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap, as one."""
    united: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(last, united[-1][1]))
        else:
            united.append((first, last))
    return united


def note_compacted(database: Database[Document], batches: Iterable[int], now: datetime) -> None:
    """From now on these are not counted among those that wait."""
    ids = {"_id": {"$in": list(batches)}}
    database[Collection.BATCHES].update_many({**ids, "compacted_at": None}, {"$set": {"compacted_at": now}})
