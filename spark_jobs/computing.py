"""Computes due scopes: reports are built from one snapshot, written, and only then are the scopes no longer due."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo.database import Database
from pyspark.sql import SparkSession

from contracts.chunks import chunks
from contracts.ledger import Touched, united
from contracts.names import DueGroup
from spark_jobs.database import Document
from spark_jobs.day_reports import day_reports
from spark_jobs.due_scopes import DueScope, Scope, hold_free, make_due, overtaken, read_tokens, remove_done
from spark_jobs.freezing import frozen_scopes
from spark_jobs.hour_reports import hour_reports
from spark_jobs.merchants import Editions, read_editions
from spark_jobs.report_documents import Computation, Report
from spark_jobs.sinks import list_on_calendar, write_reports

SCOPES_AT_ONCE = 5_000
ROUNDS = 5
Build = Callable[[SparkSession, Database[Document], Computation, Sequence[Scope], Editions], Iterator[Report]]
_BUILDS: dict[DueGroup, Build] = {DueGroup.HOUR: hour_reports, DueGroup.DAY: day_reports}


@dataclass(frozen=True, slots=True)
class Computing:
    """What computing needs beside the scopes; `holder` is the entry whose due scopes these are, None for nobody's.

    `hold` raises where another attempt has taken over; it is asked before each write.
    """

    spark: SparkSession
    database: Database[Document]
    computation: Computation
    holder: int | str | None
    hold: Callable[[], None]

    def compute(self, due: Sequence[DueScope]) -> list[Touched]:
        """Computes the scopes, of one group, and removes them; returns the documents that were replaced.

        Those that somebody else worked on meanwhile are due again: orders have no sequence, so that the reports written last
        may be those of older orders.
        """
        touched, _ = self._compute(due)
        return united(touched)

    def compute_anew(self, scopes: Sequence[Scope], why: str) -> list[Touched]:
        """Computes scopes of one group that may not be due. They are due before: if this job dies, somebody else computes
        them. What a batch in flight holds is computed, and stays due for it.

        What somebody else worked on meanwhile is computed again, `ROUNDS` times in all; what is left then stays due.
        """
        sequence, left = self.computation.snapshot.sequence, set(scopes)
        touched: list[Touched] = []
        for _ in range(ROUNDS):
            if not left:
                break
            make_due(self.database, left, sequence, None, why)
            hold_free(self.database, left, self.holder)
            written, left = self._compute(read_tokens(self.database, [scope.id for scope in left], sequence))
            touched += written
        return united(touched)

    def _compute(self, due: Sequence[DueScope]) -> tuple[list[Touched], set[Scope]]:
        """The documents that were replaced, and the scopes that are due again."""
        touched: list[Touched] = []
        again: set[Scope] = set()
        for some in chunks(due, SCOPES_AT_ONCE):
            touched += self._compute_some(some)
            again |= self._make_overtaken_due(some)
            remove_done(self.database, some, self.holder)
        return touched, again

    def _compute_some(self, due: Sequence[DueScope]) -> list[Touched]:
        """Scopes of an edition that no longer exists are dropped: nobody could read them. So are frozen ones: their rows
        may be gone. The shop is read after the snapshot was fixed, so whatever deleted rows from it said so before.
        """
        editions = read_editions(self.database, {one.scope.edition for one in due})
        known = [one.scope for one in due if one.scope.edition in editions]
        frozen = frozen_scopes(known, editions, datetime.now(UTC))
        scopes = [scope for scope in known if scope not in frozen]
        return self._write(scopes, editions, due) if scopes else []

    def _make_overtaken_due(self, due: Sequence[DueScope]) -> set[Scope]:
        """After the reports were written, and whoever overtook them: those of theirs may be gone."""
        sequence = self.computation.snapshot.sequence
        again = overtaken(self.database, due, sequence)
        make_due(self.database, again, sequence, None, "computed by two at a time")
        return again

    def _write(self, scopes: list[Scope], editions: Editions, due: Sequence[DueScope]) -> list[Touched]:
        group = scopes[0].group
        reports = list(_BUILDS[group](self.spark, self.database, self.computation, scopes, editions))
        self.hold()
        if group == DueGroup.HOUR:
            list_on_calendar(self.database, scopes, editions)
        return write_reports(self.database, reports, editions, due)
