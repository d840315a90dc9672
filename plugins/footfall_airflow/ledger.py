"""Airflow's side of the ledger: which entry a run works on, and the states that a run moves it to.

An entry belongs to the DAG that planned it. While a run holds its lease it is in flight, and no other run may take it.
The job's side, between planned and reported, is spark_jobs/ledger.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from contracts.ledger import DONE, OPEN_RANGES, was_killed
from contracts.names import BatchState, Collection, DagId, Topic
from footfall_airflow.database import Document
from footfall_airflow.ranges import Position

_FINISHED: Mapping[DagId, tuple[BatchState, ...]] = {
    DagId.PROCESS_EVENTS: (BatchState.ANNOUNCED, BatchState.LOST),
    DagId.BUILD_DAY_REPORTS: (BatchState.ANNOUNCED,),
    DagId.REPROCESS_ERRORS: (*DONE, BatchState.LOST),
    DagId.REBUILD_REPORTS: (BatchState.ANNOUNCED, BatchState.LOST),
    DagId.REHEARSE_REPAIRS: (BatchState.REPORTED,),
    DagId.CHANGE_SETTINGS: (BatchState.ANNOUNCED,),
    DagId.MAINTAIN_ARCHIVE: (BatchState.COMMITTED,),
    DagId.CATCH_UP_WITH_ARCHIVE: (BatchState.ANNOUNCED,),
    DagId.FORGET_PEOPLE: (BatchState.ANNOUNCED,),
}
"""States in which no run is needed any more; one that was set aside needs none once that was announced."""
_MOST_FAILURES_KEPT = 20

_BACKOFF_SECONDS, _LONGEST_BACKOFF_SECONDS = 5, 300


class NothingToDo(RuntimeError):
    """The run ends as skipped; the message is its reason."""


class WrongState(RuntimeError):
    """An entry cannot move on from the state it is in; the message names both."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The oldest unfinished entry, whether a run works on any, be it a replay, and the oldest half that need not wait."""

    unfinished: Document | None
    is_in_flight: bool
    half: Document | None = None

    def may_start(self, now: datetime) -> bool:
        """False while a run works, and while the unfinished entry waits after a failure."""
        return not self.is_in_flight and not (self.unfinished and _waits(self.unfinished, now))


class Ledger:
    """The entries of one DAG. Times are UTC and come in as arguments."""

    def __init__(self, database: Database[Document], dag: DagId, lease_seconds: int) -> None:
        self._database = database
        self._entries = database[Collection.BATCHES]
        self._dag = dag
        self._lease = timedelta(seconds=lease_seconds)
        is_unfinished = [
            {"state": {"$nin": [*_FINISHED[dag], BatchState.SET_ASIDE]}},
            {"state": BatchState.SET_ASIDE, "announced_at": None},
        ]
        self._any_unfinished = {"dag": dag, "$or": is_unfinished}
        self._unfinished = {**self._any_unfinished, "parent": None}
        self._halves = {**self._any_unfinished, "parent": {"$ne": None}}

    # which entry

    def entry(self, key: int | str) -> Document:
        found = self._entries.find_one({"_id": key, "dag": self._dag})
        if found is None:
            raise WrongState(f"The ledger holds no entry {key} of {self._dag}: clear the run from its first task on.")
        return found

    def entry_of(self, run: str) -> Document | None:
        return self._entries.find_one({"dag": self._dag, "runs": run})

    def oldest_unfinished(self) -> Document | None:
        return self._entries.find_one(self._unfinished, sort=[("planned_at", 1)])

    def newest(self) -> Document | None:
        return self._entries.find_one({"dag": self._dag}, sort=[("planned_at", -1)])

    def oldest_half(self, now: datetime) -> Document | None:
        """The oldest part of a batch that was set aside, of those that do not wait after a failure."""
        waits_no_more = [{"not_before": None}, {"not_before": {"$lte": now}}]
        return self._entries.find_one({**self._halves, "$and": [{"$or": waits_no_more}]}, sort=[("planned_at", 1)])

    def is_turn_of_a_half(self) -> bool:
        """Halves and batches of the topic take turns: no half was taken since the newest batch was planned."""
        newest = self._entries.find_one({"dag": self._dag, "parent": None}, sort=[("planned_at", -1)])
        since = newest["planned_at"] if newest else None
        return not self._entries.find_one({"dag": self._dag, "parent": {"$gt": 0}, "taken_at": {"$gt": since}})

    def standing(self, now: datetime) -> "Standing":
        is_in_flight = self._entries.find_one({"dag": self._dag, "lease.until": {"$gt": now}}) is not None
        return Standing(self.oldest_unfinished(), is_in_flight, self.oldest_half(now))

    def open_since(self) -> datetime | None:
        """The time of the oldest message that was set aside and is not in the reports yet."""
        return open_since_of(self._database, self._dag)

    def watermark(self, topic: Topic) -> datetime | None:
        """What the newest committed batch of the topic claims."""
        newest = self._entries.find_one({"topic": topic, "state": {"$in": list(DONE)}}, sort=[("_id", -1)])
        return newest["watermark"] if newest else None

    def position(self, topic: Topic) -> Position:
        return position_of(self._database, topic)

    # a run takes one

    def take(self, run: str, now: datetime) -> Document | None:
        """The entry that is this run's for ever, else the oldest unfinished one, else None.

        A half goes first where it is its turn, or where the unfinished one waits after a failure.
        Raises NothingToDo when another run holds it.
        """
        entry = self.entry_of(run) or self._next(now)
        return None if entry is None else self._hold(entry, run, now)

    def take_half(self, run: str, now: datetime) -> Document | None:
        """The oldest half that need not wait. Raises NothingToDo when another run holds it."""
        half = self.oldest_half(now)
        return None if half is None else self._hold(half, run, now)

    def _next(self, now: datetime) -> Document | None:
        unfinished, half = self.oldest_unfinished(), self.oldest_half(now)
        is_in_the_way = unfinished is not None and not _waits(unfinished, now)
        if half is not None and (self.is_turn_of_a_half() or (unfinished is not None and not is_in_the_way)):
            return half
        return unfinished

    def _hold(self, entry: Document, run: str, now: datetime) -> Document:
        is_free = {"$or": [{"lease": None}, {"lease.until": {"$lte": now}}, {"lease.run": run}]}
        change = {"$set": {"lease": self._lease_of(run, now), "taken_at": now}, "$addToSet": {"runs": run}}
        taken = self._entries.find_one_and_update(
            {"_id": entry["_id"], **is_free}, change, return_document=ReturnDocument.AFTER
        )
        if taken is None:
            raise NothingToDo(f"Batch {entry['_id']} is in flight in another run; this one has nothing to do.")
        return taken

    def plan(self, run: str, now: datetime, prefix: str = "", **content: Any) -> Document:
        """A new entry, held by `run`; raises DuplicateKeyError when another planner was quicker at the same position."""
        return self._add(run, now, prefix, runs=[run], lease=self._lease_of(run, now), **content)

    def book(self, run: str, now: datetime, **content: Any) -> Document:
        """A new entry that nobody holds; raises DuplicateKeyError where there is one of its place already."""
        return self._add(run, now, "", runs=[], lease=None, **content)

    def _add(self, run: str, now: datetime, prefix: str, **content: Any) -> Document:
        counter = self._database[Collection.COUNTERS].find_one_and_update(
            {"_id": "batches"}, {"$inc": {"value": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        # it is there: the update puts it there
        number = counter["value"] if counter else None
        entry = {
            "_id": f"{prefix}{number}" if prefix else number,
            "dag": self._dag,
            "state": BatchState.PLANNED,
            "run": run,
            "attempt": 0,
            "not_before": None,
            "planned_at": now,
            **content,
        }
        self._entries.insert_one(entry)
        return entry

    def _lease_of(self, run: str, now: datetime) -> dict[str, Any]:
        return {"run": run, "until": now + self._lease}

    # states

    def report(self, key: int | str, now: datetime) -> None:
        """planned -> reported, for work that is no Spark job; a replay keeps its state."""
        self._move(key, BatchState.PLANNED, BatchState.REPORTED, now)

    def commit(self, key: int | str, now: datetime) -> Document:
        """reported -> committed, and what the batch made due may be removed by anyone; on a committed one nothing changes."""
        entry = self._move(key, BatchState.REPORTED, BatchState.COMMITTED, now)
        self._database[Collection.DUE_SCOPES].update_many({"holder": key}, {"$set": {"holder": None}})
        return entry

    def announce(self, key: int | str, now: datetime) -> None:
        """The last state, from committed (a batch) or reported (a round of day reports)."""
        before = BatchState.REPORTED if self._dag == DagId.BUILD_DAY_REPORTS else BatchState.COMMITTED
        self._entries.update_one({"_id": key, "state": BatchState.SET_ASIDE}, {"$set": {"announced_at": now}})
        self._move(key, before, BatchState.ANNOUNCED, now)

    def _move(self, key: int | str, before: BatchState, state: BatchState, now: datetime) -> Document:
        """Moves the entry on, unless it is there or further already; where it is finished its lease ends."""
        self._entries.update_one({"_id": key, "state": before}, {"$set": {"state": state, f"{state}_at": now}})
        entry = self.entry(key)
        if _ORDER.index(entry["state"]) < _ORDER.index(state):
            raise WrongState(
                f"Batch {key} is {entry['state']} and cannot become {state}: its job has not reported. If another "
                "attempt is at work it will; else clear the run from its first task on."
            )
        if state in _FINISHED[self._dag]:
            self._end_leases({"_id": key}, now)
        return entry

    # a job or a run ends

    def note_failure(self, key: int | str, run: str, status: int, before: float, now: datetime) -> Document | None:
        """The entry with one more attempt that failed although the world was there; None where nothing was counted.

        What ends by itself counts only where an attempt after number `before` had begun to work on the messages: a job that
        cannot start, or finds no archive, says nothing about its batch.
        """
        failure = {"run": run, "status": status, "at": now}
        change = {"$push": {"failures": {"$each": [failure], "$slice": -_MOST_FAILURES_KEPT}}}
        counts = {} if was_killed(status) else {"begun": {"$gt": before}}
        return self._entries.find_one_and_update(
            {"_id": key, "dag": self._dag, **counts}, change, return_document=ReturnDocument.AFTER
        )

    def release(self, run: str, now: datetime, is_failed: bool) -> None:
        """Ends the leases of the run; after a failure its unfinished entry waits, longer with each run that failed."""
        held = {"dag": self._dag, "lease.run": run}
        if is_failed:
            for entry in self._entries.find({**self._any_unfinished, **held}, {"runs": 1}):
                wait = backoff(len(entry["runs"]))
                self._entries.update_one({"_id": entry["_id"], **held}, {"$set": {"not_before": now + wait}})
        self._end_leases(held, now)

    def _end_leases(self, which: Document, now: datetime) -> None:
        self._entries.update_many({**which, "lease.until": {"$gt": now}}, {"$set": {"lease.until": now}})


def open_since_of(database: Database[Document], dag: DagId) -> datetime | None:
    """The time of the oldest message of the DAG that was set aside and is not in the reports yet."""
    oldest = database[Collection.BATCHES].find_one({"dag": dag, **OPEN_RANGES}, sort=[("oldest_at", 1)])
    return oldest["oldest_at"] if oldest else None


def position_of(database: Database[Document], topic: Topic) -> Position:
    """Where the ledger stands in the topic, whichever DAG reads it."""
    newest = database[Collection.BATCHES].find_one({"topic": topic}, sort=[("_id", -1)])
    if newest is None:
        return Position(0, None, {})
    ends = {int(partition): end for partition, end in newest["ends"].items()}
    return Position(newest["_id"], newest["topic_id"], ends)


_ORDER = list(BatchState)


def _waits(entry: Document, now: datetime) -> bool:
    return bool(entry["not_before"] and entry["not_before"] > now)


def backoff(failures: int) -> timedelta:
    """5 s, doubled with each failure, at most 5 minutes."""
    return timedelta(seconds=min(_BACKOFF_SECONDS * 2 ** min(failures - 1, 10), _LONGEST_BACKOFF_SECONDS))
