"""Erases what the platform itself reads: rows, orders, errors, times, copies. In an order that bears being killed at any point.

What documents and reports know rows by is kept in the erasure before the rows go, so that whoever comes next ends it.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from contracts.erasures import Erasure, ErasureState
from contracts.ledger import Touched
from contracts.names import Collection, DueGroup
from contracts.person_ids import IdKind, PersonId, hashed, id_key, normal
from contracts.restatements import Why
from spark_jobs.archive import Snapshot, current_snapshot
from spark_jobs.attempts import Attempt
from spark_jobs.computing import SCOPES_AT_ONCE, Computing
from spark_jobs.due_scopes import Scope, hold_free, make_due, read_due, scope_of_id
from spark_jobs.forget_people.archived import Rows, erase_rows, rows_of
from spark_jobs.forget_people.documents import erase_documents, erase_failures_of, erase_places
from spark_jobs.forget_people.erasures import move, note_found, note_traces
from spark_jobs.forget_people.held_orders import erase_orders, held_orders
from spark_jobs.forgotten import forgotten_in, secret_of
from spark_jobs.maintain_archive.batches import read_batches
from spark_jobs.merchants import Merchant, read_editions, read_merchants
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.report_documents import Computation

ARCHIVE = "archive"
"""In the counts of an erasure; other stores are named by their collections."""
AFTER_MARGIN = timedelta(seconds=5)
log = logging.getLogger("footfall.job")


def erase(attempt: Attempt, erasure: Erasure) -> list[Touched]:
    """Everything of one erasure that is to go now; answers the reports that were replaced. Raises TransientError."""
    database, merchant = attempt.database, erasure["merchant"]
    forgotten, merchants = forgotten_in([erasure], attempt.settings), read_merchants(database, [merchant])
    batches, snapshot = read_batches(database), current_snapshot(attempt.spark)
    orders = held_orders(database, forgotten, merchants)
    rows = None if snapshot is None else rows_of(attempt.spark, snapshot, forgotten)
    _keep_traces(attempt, erasure, rows, merchants, orders.scopes)
    if rows is not None and rows.count:
        erase_rows(attempt.spark, database, rows, batches.borders, attempt.entry.hold)
    attempt.entry.hold()
    counts = Counter({Collection.ORDERS: erase_orders(database, orders)})
    known: Erasure = database[Collection.ERASURES].find_one({"_id": erasure["_id"]})  # type: ignore[assignment]
    _make_due(attempt, known["scopes"])
    touched = compute_hours(attempt)
    # the inbox comes last: until the round has ended, its hours are those of a batch at work, and the books wait
    counts += erase_documents(database, forgotten_in([known], attempt.settings))
    counts[Collection.FAILED_EVENTS] += erase_failures_of(database, merchant, known["errors"])
    counts[Collection.ERROR_CAUSES] += erase_places(database, merchant, known["errors"])
    note_found(database, erasure, {str(name): count for name, count in counts.items()})
    attempt.entry.hold()
    # then nobody needs what is older any more, unless a job is at work for so long
    next_look = datetime.now(UTC) + timedelta(seconds=attempt.settings.erasure_margin_seconds) + AFTER_MARGIN
    without = current_snapshot(attempt.spark)
    sequence = 0 if without is None else without.sequence
    after = erasure["after"]
    move(database, erasure, ErasureState.ERASED, after=after, not_before=next_look, sequence=sequence, scopes=[])
    log.info("erasure=%s documents=%s", erasure["_id"], dict(counts))
    return touched


def _keep_traces(
    attempt: Attempt,
    erasure: Erasure,
    rows: Rows | None,
    merchants: dict[str, Merchant],
    scopes_of_orders: set[Scope],
) -> None:
    """Before anything goes: which reports are to be computed, and what the inbox and decided times know the rows by."""
    database = attempt.database
    if rows is None:
        note_traces(database, erasure, scopes=[scope.id for scope in scopes_of_orders])
        return
    touched = touched_scopes(attempt.spark, rows.gone, merchants)
    key = id_key(secret_of(erasure, attempt.settings), erasure["merchant"])
    messages = (PersonId(IdKind.MESSAGE, text) for one in rows.decided_messages() if (text := normal(one)))
    note_traces(
        database,
        erasure,
        scopes=[scope.id for scope in touched.scopes | scopes_of_orders],
        errors=rows.errors(),
        messages=[hashed(key, one) for one in messages],
    )
    note_found(database, erasure, {ARCHIVE: rows.count})
    attempt.entry.note_hours(touched.hours)


def _make_due(attempt: Attempt, ids: Iterable[str]) -> None:
    """At the archive as it is now, without the rows; what a batch in flight holds is left to it, and stays due."""
    snapshot, scopes = current_snapshot(attempt.spark), {scope_of_id(id_) for id_ in ids}
    editions = read_editions(attempt.database, {scope.edition for scope in scopes})
    kept = {scope for scope in scopes if scope.edition in editions}
    if snapshot is not None and kept:
        causes = {scope: [Why.FORGOTTEN] for scope in kept}
        make_due(attempt.database, kept, snapshot.sequence, None, "a person was forgotten", causes)
        hold_free(attempt.database, kept, attempt.entry.key)


def compute_hours(attempt: Attempt) -> list[Touched]:
    """The hours that this round holds, and those that nobody does."""
    snapshot = current_snapshot(attempt.spark)
    if snapshot is None:
        return []
    database, entry = attempt.database, attempt.entry
    computing = Computing(attempt.spark, database, _computation(attempt, snapshot), entry.key, entry.hold)
    touched: dict[str, set[str]] = {}
    while due := read_due(database, DueGroup.HOUR, entry.key, SCOPES_AT_ONCE, snapshot.sequence):
        for one in computing.compute(due):
            touched.setdefault(one["merchant"], set()).update(one["reports"])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(touched.items())]


def _computation(attempt: Attempt, snapshot: Snapshot) -> Computation:
    database = attempt.database
    return Computation(snapshot, archive_epoch(database), rates_version(database), attempt.entry.run, None)
