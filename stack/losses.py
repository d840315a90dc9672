"""Messages that Kafka no longer has although nobody read them: found, and booked as lost by a named user.

A batch that is unfinished is looked at first; then what comes after the newest one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from contracts.ledger import Acceptance
from contracts.names import BatchState, Collection, DagId, Topic
from footfall_airflow.ledger import Ledger
from footfall_airflow.ranges import Position, TopicState
from stack.problems import StackProblem

Document = dict[str, Any]
DAGS: Mapping[Topic, DagId] = {
    Topic.EVENTS: DagId.PROCESS_EVENTS,
    Topic.ERRORS: DagId.REPROCESS_ERRORS,
    Topic.REPORT_REQUESTS: DagId.REBUILD_REPORTS,
}


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """Messages `first` to `last` of a partition, both included."""

    partition: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.first}-{self.last}"

    @property
    def messages(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Who:
    """Who accepts, why, and when."""

    name: str
    reason: str
    at: datetime

    def acceptance(self, loss: Loss) -> Acceptance:
        return Acceptance(
            partition=loss.partition,
            first=loss.first,
            last=loss.last,
            by=self.name,
            reason=self.reason,
            at=self.at,
        )


class Losses:
    """Of one topic as the broker has it now."""

    def __init__(self, database: Database[Document], state: TopicState, lease_seconds: int) -> None:
        self._topic = Topic(state.topic)
        self._state = state
        self._entries, self._due = database[Collection.BATCHES], database[Collection.DUE_SCOPES]
        self._ledger = Ledger(database, DAGS[self._topic], lease_seconds)
        self._position: Position = self._ledger.position(self._topic)
        self._open = self._ledger.oldest_unfinished()

    @property
    def is_made_anew(self) -> bool:
        return self._position.topic_id not in (None, self._state.topic_id)

    def find(self) -> list[Loss]:
        """What is lost of the unfinished batch, else of what comes after the newest; empty where nothing is."""
        if self.is_made_anew:
            return []
        if self._open is not None and (found := list(self._of_batch(self._open))):
            return found
        ends, lows = self._position.ends, self._state.lows
        return [Loss(p, end, lows[p] - 1) for p, end in sorted(ends.items()) if lows.get(p, 0) > end]

    def _of_batch(self, entry: Document) -> Iterable[Loss]:
        for partition, (start, end) in sorted(entry["ranges"].items()):
            low = self._state.lows.get(int(partition), 0)
            if low > start:
                yield Loss(int(partition), start, min(low, end) - 1)

    def require_exactly(self, named: Iterable[Loss]) -> None:
        """Raises StackProblem with what is lost where the named is something else."""
        found = self.find()
        if sorted(named) != sorted(found):
            lost = " ".join(f"--range {loss}" for loss in found) or "nothing"
            anew = " The topic was made anew: say --made-anew." if self.is_made_anew else ""
            raise StackProblem(
                f"{self._topic}: what Kafka no longer has and nobody read is {lost}.{anew} Name exactly that."
            )

    def require_new_topic(self) -> None:
        if not self.is_made_anew:
            raise StackProblem(f"{self._topic} is the topic that the ledger knows: it was not made anew.")

    def accept(self, named: Iterable[Loss], who: Who) -> Document:
        """Books exactly what is lost, and answers the ledger's entry; raises StackProblem where the named is not that."""
        wanted = sorted(named)
        self.require_exactly(wanted)
        if self._open is not None and list(self._of_batch(self._open)):
            return self._shorten(self._open, wanted, who)
        ends = self._position.ends | {loss.partition: loss.last + 1 for loss in wanted}
        ranges = {str(loss.partition): [loss.first, loss.last + 1] for loss in wanted}
        return self._book(who, ranges, ends, [who.acceptance(loss) for loss in wanted])

    def accept_new_topic(self, who: Who) -> Document:
        """The topic was made anew: reading starts at its oldest message, and an unfinished batch of the old one is lost."""
        self.require_new_topic()
        if self._open is not None:
            lost = [Loss(int(p), start, end - 1) for p, (start, end) in self._open["ranges"].items()]
            self._shorten(self._open, lost, who)
        return self._book(who, {}, {}, [])

    def _book(
        self, who: Who, ranges: dict[str, list[int]], ends: Mapping[int, int], lost: list[Acceptance]
    ) -> Document:
        return self._ledger.book(
            f"accept-loss by {who.name}",
            who.at,
            state=BatchState.LOST,
            topic=str(self._topic),
            topic_id=self._state.topic_id,
            previous=self._position.batch,
            ranges=ranges,
            ends={str(partition): end for partition, end in ends.items()},
            messages=sum(end - start for start, end in ranges.values()),
            watermark=None,
            by=who.name,
            reason=who.reason,
            lost=lost,
        )

    def _shorten(self, entry: Document, losses: list[Loss], who: Who) -> Document:
        """The unfinished batch without what is lost of it; a batch of which nothing is left is lost as a whole."""
        ranges = dict(entry["ranges"])
        for loss in losses:
            _, end = ranges.pop(str(loss.partition))
            if loss.last + 1 < end:
                ranges[str(loss.partition)] = [loss.last + 1, end]
        messages = sum(end - start for start, end in ranges.values())
        state = entry["state"] if messages else BatchState.LOST
        lost = [who.acceptance(loss) for loss in losses]
        changed = self._entries.update_one(
            {"_id": entry["_id"], "$or": [{"lease": None}, {"lease.until": {"$lte": who.at}}]},
            {
                "$set": {"ranges": ranges, "messages": messages, "state": state, "failures": [], "not_before": None},
                "$inc": {"attempt": 1},
                "$push": {"lost": {"$each": lost}},
            },
        )
        if changed.matched_count == 0:
            raise StackProblem(
                f"A run works on batch {entry['_id']} right now: wait until it has ended, then try again."
            )
        if state == BatchState.LOST:
            # what its attempts made due is nobody's now, and computed by whoever comes next
            self._due.update_many({"holder": entry["_id"]}, {"$set": {"holder": None}})
        return self._ledger.entry(entry["_id"])
