"""forget_people: erasures that can go on, one after the other, each from one state to the next."""

import logging
from datetime import UTC, datetime

from contracts.erasures import MOST_IDS, Erasure, ErasureState
from contracts.ledger import Touched, united
from contracts.names import Job
from contracts.person_ids import id_key
from spark_jobs.archive import current_snapshot
from spark_jobs.attempts import Attempt, Worked, attempt
from spark_jobs.failures import StaleAttempt, TransientError, run_job
from spark_jobs.forget_people.archived import rows_of
from spark_jobs.forget_people.clearing import clear
from spark_jobs.forget_people.erasing import compute_hours, erase
from spark_jobs.forget_people.erasures import WAIT, linked, move, note, note_found, that_can_go_on
from spark_jobs.forget_people.exporting import export
from spark_jobs.forget_people.finding import followed
from spark_jobs.forgotten import forgotten_in, secret_of
from spark_jobs.world import is_java_gone, is_world_away

MOST_IN_A_ROUND = 20
log = logging.getLogger("footfall.job")


def main() -> None:
    attempt(Job.FORGET_PEOPLE, __doc__, ("round", str), work)


def work(attempt: Attempt) -> Worked:
    """What is left after so many is the next round's."""
    touched: list[Touched] = []
    for erasure in that_can_go_on(attempt.database, datetime.now(UTC))[:MOST_IN_A_ROUND]:
        attempt.entry.hold()
        log.info("erasure=%s state=%s", erasure["_id"], erasure["state"])
        touched += _tried(attempt, erasure)
    return Worked(united(touched))


def _tried(attempt: Attempt, erasure: Erasure) -> list[Touched]:
    """One that has to wait for something, or fails, does not hold up the others: it is tried again later, until the promise
    breaks. Raises what is not its own: another attempt took over, or the world is away.
    """
    try:
        return step(attempt, erasure)
    except TransientError as error:
        log.error("erasure=%s waits: %s", erasure["_id"], error)
        failure = None
    except Exception as error:
        if isinstance(error, StaleAttempt) or is_world_away(error) or is_java_gone(error):
            raise
        log.exception("alert: erasure=%s failed; it is tried again, after the others.", erasure["_id"])
        failure = type(error).__name__
    note(attempt.database, erasure, not_before=datetime.now(UTC) + WAIT, failure=failure)
    return []


def step(attempt: Attempt, erasure: Erasure) -> list[Touched]:
    """One state; answers the reports that were replaced."""
    match erasure["state"]:
        case ErasureState.ORDERED:
            find(attempt, erasure)
        case ErasureState.FOUND:
            # what it found is known to every batch by now: there is nothing more to wait for
            move(attempt.database, erasure, ErasureState.ERASING, after=erasure["after"])
            return step(attempt, {**erasure, "state": ErasureState.ERASING})
        case ErasureState.ERASING:
            keep_export(attempt, erasure)
            return erase(attempt, erasure)
        case ErasureState.ERASED:
            clear(attempt, erasure, datetime.now(UTC))
            note(attempt.database, erasure, not_before=datetime.now(UTC) + WAIT)
            # what a batch in flight held is nobody's by now
            return compute_hours(attempt)
    return []


def find(attempt: Attempt, erasure: Erasure) -> None:
    """What belongs together; of so many ids that they are hardly one person's nothing goes before a person has looked."""
    database, snapshot = attempt.database, current_snapshot(attempt.spark)
    key = id_key(secret_of(erasure, attempt.settings), erasure["merchant"])
    found = followed(attempt.spark, database, snapshot, erasure, key)
    counts = {str(kind): len(hashes) for kind, hashes in found.ids.items()} | {"shared_browsers": found.shared}
    ids = linked(((kind, hash_) for kind, hashes in found.ids.items() for hash_ in hashes), erasure["ids"])
    if len(ids) > MOST_IDS:
        ids = [one for one in erasure["ids"] if one["is_named"]]
    is_too_much = found.are_many and not erasure["may_be_many"]
    known: Erasure = {**erasure, "ids": ids}
    if snapshot is not None:
        counts["archive"] = rows_of(attempt.spark, snapshot, forgotten_in([known], attempt.settings)).count
    note_found(database, erasure, counts)
    is_confirmed = erasure["is_confirmed"] and not is_too_much
    attempt.entry.hold()
    move(database, erasure, ErasureState.FOUND, ids=ids, needs_a_look=is_too_much, is_confirmed=is_confirmed)


def keep_export(attempt: Attempt, erasure: Erasure) -> None:
    """Once, and before anything goes: what an attempt that died began to erase is in the export of that attempt."""
    if not erasure["with_export"] or erasure["export"] is not None:
        return
    snapshot, now = current_snapshot(attempt.spark), datetime.now(UTC)
    forgotten = forgotten_in([erasure], attempt.settings)
    rows = None if snapshot is None else rows_of(attempt.spark, snapshot, forgotten)
    secret = secret_of(erasure, attempt.settings)
    pieces = export(attempt.spark, attempt.database, erasure, rows, forgotten, secret, now)
    attempt.entry.hold()
    note(attempt.database, erasure, export=pieces)


if __name__ == "__main__":
    run_job(main)
