"""What is older than an erasure and still holds the person: states and files of the archive, and its copy."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.erasures import Erasure, Older
from spark_jobs.archive import Snapshot, current_snapshot
from spark_jobs.archive_copy import CopyProblem, list_names, made_at, remove_before
from spark_jobs.attempts import Attempt
from spark_jobs.failures import PermanentError
from spark_jobs.forget_people.erasures import note
from spark_jobs.maintain_archive.batches import read_batches
from spark_jobs.maintain_archive.copying import copy_archive
from spark_jobs.maintain_archive.expiring import (
    expire_snapshots,
    in_flight_since,
    oldest_sequence,
    remove_unknown_files,
)
from spark_jobs.places import place_of

log = logging.getLogger("footfall.job")


def clear(attempt: Attempt, erasure: Erasure, now: datetime) -> None:
    """As far as it goes now: what jobs in flight may still need is cleared by a later round."""
    cleared = set(erasure["cleared"])
    if Older.ARCHIVE not in cleared and _clear_archive(attempt, erasure, now):
        note(attempt.database, erasure, **{f"cleared.{Older.ARCHIVE}": now})
    if Older.COPY not in cleared and _clear_copy(attempt, erasure["changed_at"], now):
        note(attempt.database, erasure, **{f"cleared.{Older.COPY}": now})


def _clear_archive(attempt: Attempt, erasure: Erasure, now: datetime) -> bool:
    """Whether no state and no file of before is left. Files of attempts that failed are those that no state knows."""
    spark, database, own = attempt.spark, attempt.database, attempt.entry.key
    expire_snapshots(spark, database, own, 0, now)
    oldest = oldest_sequence(spark)
    margin = timedelta(seconds=attempt.settings.erasure_margin_seconds)
    nobody_writes_before = min([now, *in_flight_since(database, own, now)]) - margin
    removed = remove_unknown_files(spark, nobody_writes_before)
    has_no_older = oldest is None or oldest >= erasure["sequence"]
    log.info("states of before are gone=%s unknown files removed=%d", has_no_older, removed)
    return has_no_older and nobody_writes_before > erasure["changed_at"]


def _clear_copy(attempt: Attempt, erased_at: datetime, now: datetime) -> bool:
    """False where its place is away, or does not take a new list: everything else goes on."""
    # the ledger first: what it calls final stands whole in a snapshot of later
    borders, snapshot = read_batches(attempt.database).borders, current_snapshot(attempt.spark)
    if not attempt.settings.archive_copy or snapshot is None:
        return True
    try:
        _renew_copy(attempt, snapshot, borders, erased_at, now)
        return True
    except (OSError, CopyProblem, PermanentError) as error:
        log.error("alert: the copy of the archive could not be cleared: %s", error)
        return False


def _renew_copy(
    attempt: Attempt, snapshot: Snapshot, borders: Sequence[int], erased_at: datetime, now: datetime
) -> None:
    """First a list of now, then those of before go, with their files."""
    settings = attempt.settings
    copy = place_of(settings.archive_copy)
    if all(made_at(name) <= erased_at for name in list_names(copy)):
        copy_archive(attempt.spark, attempt.database, settings, snapshot, borders, now)
    log.info("copy=%s lists removed=%d", copy.root, remove_before(copy, erased_at))
