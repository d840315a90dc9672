"""The job's side of the ledger: it takes the batch, and proves before each write that it still holds it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.ledger import FINAL, Copy, Touched, united
from contracts.maintenance import Upkeep
from contracts.names import BatchState, Collection
from spark_jobs.archive import Snapshot
from spark_jobs.database import Document
from spark_jobs.failures import PermanentError, StaleAttempt


class LedgerEntry:
    """A batch or a day round that this attempt works on."""

    def __init__(self, database: Database[Document], document: Document, run: str) -> None:
        self._entries = database[Collection.BATCHES]
        self.document = document
        self.key = document["_id"]
        self.attempt: int = document["attempt"]
        self.run = run
        self._also: list[Callable[[], None]] = []

    @property
    def is_replay(self) -> bool:
        """A final entry is never written again: only its reports are computed once more."""
        return self.document["state"] in FINAL

    def hold(self) -> None:
        """Raises StaleAttempt when another attempt has taken over since, and what `hold_also` was given raises."""
        held = self._entries.find_one({"_id": self.key}, {"attempt": 1})
        if held is None or held["attempt"] != self.attempt:
            raise StaleAttempt(f"Batch {self.key}: another attempt has taken over, this one stops without writing.")
        for require in self._also:
            require()

    def hold_also(self, require: Callable[[], None]) -> None:
        """Something else that this attempt must still hold before each write; `require` raises where it does not."""
        self._also.append(require)

    def renew(self, until: datetime) -> None:
        """Holds the lease until then; nothing where another attempt has taken over, or a replay whose batch is done."""
        self._entries.update_one(
            {"_id": self.key, "attempt": self.attempt}, {"$set": {"lease": {"run": self.run, "until": until}}}
        )

    def extend(self, ends: Mapping[int, int], messages: int, asked_at: datetime) -> None:
        """The batch ends at `ends`, which the broker was asked for at `asked_at`; nothing of it has been read yet.

        The watermark moves along unless something held it back when the batch was planned.
        """
        planned = self.document
        starts = planned["ends"] | {partition: start for partition, (start, _) in planned["ranges"].items()}
        named = {str(partition): end for partition, end in ends.items()}
        ranges = {partition: [starts[partition], end] for partition, end in named.items() if end > starts[partition]}
        is_held_back = planned["watermark"] != planned.get("asked_at")
        watermark = planned["watermark"] if is_held_back else asked_at
        values = {"ranges": ranges, "ends": named, "messages": messages, "asked_at": asked_at, "watermark": watermark}
        self._move(None, values, {})
        planned.update(values)

    def note_begun(self) -> None:
        """From here on a failure may be that of the batch's messages; its state stays."""
        self._move(None, {"begun": self.attempt}, {})

    def note_archived(self, snapshot: Snapshot, hours: Iterable[datetime], counts: dict[str, int]) -> None:
        """planned -> archived; the ledger keeps the touched hours of every attempt, `document` has those of this one."""
        touched = sorted(hours)
        self._move(
            BatchState.ARCHIVED,
            {"archived": {"sequence": snapshot.sequence, "snapshot": str(snapshot.snapshot_id)}, "counts": counts},
            {"hours": {"$each": touched}},
        )
        self.document.update({"hours": touched, "counts": counts})

    def note_hours(self, hours: Iterable[datetime]) -> None:
        """UTC hours in which this entry changes what stands; its state stays."""
        self._move(None, {}, {"hours": {"$each": sorted(hours)}})

    def note_copied(self, copy: Copy) -> None:
        """The batch's range is safe; its state stays."""
        oldest_at = datetime.fromtimestamp(copy["oldest_ms"] / 1000, UTC)
        self._move(None, {"copy": copy, "oldest_at": oldest_at}, {})

    def note_reported(
        self, touched: Sequence[Touched], seconds: float, state: BatchState = BatchState.REPORTED
    ) -> None:
        """-> reported or set_aside, with the reports that were replaced, by this attempt or by one that reported before it and
        may not be announced yet; a replay keeps its state.
        """
        all_touched = united([*self.document.get("touched", []), *touched])
        self._move(
            None if self.is_replay else state,
            {"touched": all_touched, "seconds": round(seconds, 1), "reported_at": datetime.now(UTC)},
            {},
        )

    def note_upkeep(self, upkeep: Upkeep) -> None:
        """What a round of maintenance did; its state stays."""
        self._move(None, {"upkeep": upkeep}, {})

    def _move(self, state: BatchState | None, values: dict[str, Any], added: dict[str, Any]) -> None:
        set_ = values if state is None else {**values, "state": state}
        change = {name: what for name, what in (("$set", set_), ("$addToSet", added)) if what}
        changed = self._entries.update_one({"_id": self.key, "attempt": self.attempt}, change)
        if changed.matched_count == 0:
            raise StaleAttempt(f"Batch {self.key}: another attempt has taken over, this one stops.")


def take(database: Database[Document], key: int | str, run: str) -> LedgerEntry:
    """Takes the entry for this attempt: every earlier attempt is stale from now on."""
    document = database[Collection.BATCHES].find_one_and_update(
        {"_id": key}, {"$inc": {"attempt": 1}}, return_document=ReturnDocument.AFTER
    )
    if document is None:
        raise PermanentError(f"The ledger holds no batch {key}: run plan_batch first.")
    return LedgerEntry(database, document, run)
