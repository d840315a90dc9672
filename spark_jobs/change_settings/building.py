"""Builds every report of a shop under its next settings, while batches keep those of both settings up to date."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pyspark.sql import functions as F

from contracts.chunks import chunks
from contracts.names import DueGroup
from spark_jobs.archive import Snapshot, current_snapshot, read_at
from spark_jobs.attempts import Attempt
from spark_jobs.change_settings.ordered import note_progress
from spark_jobs.change_settings.placing import place_orders
from spark_jobs.computing import SCOPES_AT_ONCE, Computing
from spark_jobs.due_scopes import Scope
from spark_jobs.failures import TransientError
from spark_jobs.freezing import frozen_scopes
from spark_jobs.merchants import Editions, Merchant
from spark_jobs.platform import archive_epoch, rates_version
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.rebuild_reports.verifying import unsound_scopes
from spark_jobs.report_documents import Computation

ROUNDS = 5
log = logging.getLogger("footfall.job")


def build(attempt: Attempt, merchant: Merchant) -> bool:
    """Whether every report is there and reads whole; False where the order was cancelled meanwhile.

    What an earlier attempt built is not built again. Raises TransientError where reports do not come out whole.
    """
    edition, snapshot = merchant.next, current_snapshot(attempt.spark)
    if edition is None or snapshot is None:
        return edition is not None
    editions = {edition.edition: edition}
    scopes = _kept(place_orders(attempt.database, merchant) | _archived_scopes(attempt, snapshot, edition), editions)
    for _ in range(ROUNDS):
        missing = unsound_scopes(attempt.database, scopes, editions)
        log.info(
            "shop=%s settings=%d scopes=%d missing=%d", merchant.id, edition.settings_version, len(scopes), len(missing)
        )
        if not missing:
            return note_progress(attempt.database, merchant, len(scopes), len(scopes))
        if not _compute(attempt, merchant, len(scopes), missing):
            return False
    raise TransientError(f"Reports of {merchant.id} under its next settings do not come out whole: it is tried again.")


def _kept(scopes: set[Scope], editions: Editions) -> set[Scope]:
    """Without frozen days: the rows they would be computed from are gone, or will be before the building ends."""
    return scopes - frozen_scopes(scopes, editions, datetime.now(UTC))


def _archived_scopes(attempt: Attempt, snapshot: Snapshot, edition: Merchant) -> set[Scope]:
    """The edition's hours and days that hold anything of the shop."""
    rows = read_at(attempt.spark, snapshot).where(F.col("merchant") == edition.id)
    return touched_scopes(attempt.spark, rows, {edition.id: edition}).scopes


def _compute(attempt: Attempt, merchant: Merchant, count: int, missing: set[Scope]) -> bool:
    """Computes them, each part at the archive's newest state; False where the order was cancelled meanwhile."""
    computed = count - len(missing)
    for part in _parts(missing):
        if not note_progress(attempt.database, merchant, count, computed):
            return False
        _computing(attempt).compute_anew(part, f"settings of {merchant.id}")
        computed += len(part)
    return True


def _parts(scopes: set[Scope]) -> Iterator[Sequence[Scope]]:
    for group in DueGroup:
        yield from chunks(sorted(scope for scope in scopes if scope.group == group), SCOPES_AT_ONCE)


def _computing(attempt: Attempt) -> Computing:
    database, entry = attempt.database, attempt.entry
    snapshot = current_snapshot(attempt.spark)
    if snapshot is None:
        raise TransientError("The archive was emptied while reports were computed from it.")
    computation = Computation(snapshot, archive_epoch(database), rates_version(database), entry.run, None)
    return Computing(attempt.spark, database, computation, entry.key, entry.hold)
