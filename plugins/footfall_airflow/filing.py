"""The error inbox: every rejected arrival is one document of `failed_events`, and its repairs are listed in it.

Every change here is conditional on the status it starts from: a run that is repeated finds it done, and what the job
noted meanwhile (a copy was accepted) stands.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pymongo import UpdateOne
from pymongo.database import Database

from contracts.errors import ErrorCode
from contracts.inbox import RETRY_SECONDS, UNDECIDED, AttemptOutcome, FailedStatus
from contracts.names import Collection
from footfall_airflow.database import Document
from footfall_airflow.deciding import Decision, Fate
from footfall_airflow.floods import Counted, Room
from repairs.copies import Copy
from repairs.failures import Failure


def file_failures(
    database: Database[Document],
    decided: Sequence[tuple[Failure, Decision]],
    room: Room,
    counted: Counted,
    now: datetime,
) -> int:
    """Files them, answers how many are new; what stands in the inbox already is left as it is.

    Beyond the room of its cause a message that a rule repairs is filed without its bytes; the others are counted.
    """
    failed = database[Collection.FAILED_EVENTS]
    ids = list({failure.arrival for failure, _ in decided})
    filed = {document["_id"] for document in failed.find({"_id": {"$in": ids}}, {"_id": 1})}
    counted.load(failure for failure, _ in decided)
    writes = []
    for failure, decision in decided:
        if failure.arrival in filed:
            writes += _rejection(failure) if failure.attempt else []
        elif not counted.has(failure):
            is_whole = room.take(failure.cause)
            if is_whole or decision.fate is Fate.REPAIR:
                writes.append(_insert(failure, is_whole, now))
                filed.add(failure.arrival)
            else:
                counted.add(failure, decision.fate is Fate.DROP, now)
    return failed.bulk_write(writes).upserted_count if writes else 0


def _insert(failure: Failure, is_whole: bool, now: datetime) -> UpdateOne:
    """The copies that an arrival unknown to the inbox has behind it are listed as rejected."""
    bytes_ = ("original", "envelope")
    facts = {name: value for name, value in failure.facts.items() if is_whole or name not in bytes_}
    document = {
        **facts,
        "is_slim": not is_whole,
        "cause": failure.cause,
        "event": failure.event,
        "status": FailedStatus.WAITING,
        "attempt": failure.attempt,
        "attempts": [{"attempt": n + 1, "outcome": AttemptOutcome.REJECTED} for n in range(failure.attempt)],
        "tries": 0,
        "next_attempt_at": None,
        "filed_at": now,
    }
    return UpdateOne({"_id": failure.arrival}, {"$setOnInsert": document}, upsert=True)


def _rejection(failure: Failure) -> list[UpdateOne]:
    """A copy came back: its arrival waits again, under the cause of the copy.

    One whose batch was given up may have been noted as accepted by an attempt before.
    """
    noted = {name: failure.facts[name] for name in ("code", "field", "event_hour", "batch")}
    place = f"attempts.{failure.attempt - 1}"
    found = {f"{place}.{name}": value for name, value in (noted | {"outcome": AttemptOutcome.REJECTED}).items()}
    change = {"status": FailedStatus.WAITING, "cause": failure.cause, "event": failure.event, **found}
    was_given_up = failure.code == ErrorCode.BATCH_FAILED
    before = [FailedStatus.REPAIRING, FailedStatus.REPAIRED] if was_given_up else [FailedStatus.REPAIRING]
    sent = {"_id": failure.arrival, "attempt": failure.attempt, "status": {"$in": before}}
    return [UpdateOne(sent, {"$set": change, "$unset": {"repaired_at": ""}})]


def undecided(database: Database[Document], failures: Iterable[Failure]) -> set[tuple[str, int]]:
    """(arrival, attempt) of those failures that are the latest of their arrival, and about which nothing was decided yet.

    Failures of one arrival may come in any order: partitions of the topic have none among them.
    """
    known = {(failure.arrival, failure.attempt) for failure in failures}
    arrivals = list({arrival for arrival, _ in known})
    query = {"_id": {"$in": arrivals}, "status": FailedStatus.WAITING, "next_attempt_at": None}
    found = database[Collection.FAILED_EVENTS].find(query, {"attempt": 1})
    return {(document["_id"], document["attempt"]) for document in found} & known


def note_attempts(database: Database[Document], copies: Sequence[Copy], now: datetime) -> None:
    """Before they are sent: the job may see one accepted before this run goes on."""
    writes = [
        UpdateOne(_before(copy), {"$set": {f"attempts.{copy.attempt - 1}": copy.as_attempt(now)}}) for copy in copies
    ]
    _write(database, writes)


def note_sent(database: Database[Document], copies: Sequence[Copy]) -> None:
    """After Kafka has acknowledged them."""
    change = {"status": FailedStatus.REPAIRING, "next_attempt_at": None}
    writes = [UpdateOne(_before(copy), {"$set": change | {"attempt": copy.attempt}}) for copy in copies]
    _write(database, writes)


def _before(copy: Copy) -> Document:
    return {"_id": copy.arrival, "attempt": copy.attempt - 1, "status": {"$in": list(UNDECIDED)}}


def park(database: Database[Document], arrivals: Iterable[str]) -> None:
    change = {"status": FailedStatus.PARKED, "next_attempt_at": None}
    query = {"_id": {"$in": list(arrivals)}, "status": FailedStatus.WAITING}
    database[Collection.FAILED_EVENTS].update_many(query, {"$set": change})


def drop(database: Database[Document], arrivals: Iterable[str], now: datetime) -> int:
    """Answers how many were not dropped before."""
    change = {"status": FailedStatus.DROPPED, "next_attempt_at": None, "dropped_at": now}
    query = {"_id": {"$in": list(arrivals)}, "status": {"$in": list(UNDECIDED)}}
    return database[Collection.FAILED_EVENTS].update_many(query, {"$set": change}).modified_count


def wait(database: Database[Document], arrivals: Iterable[str], tries: int, now: datetime) -> None:
    """Until the next look after so many `tries`; parked after the last."""
    ids = list(arrivals)
    if tries >= len(RETRY_SECONDS):
        park(database, ids)
        return
    change = {"tries": tries, "next_attempt_at": now + timedelta(seconds=RETRY_SECONDS[tries])}
    database[Collection.FAILED_EVENTS].update_many(
        {"_id": {"$in": ids}, "status": FailedStatus.WAITING}, {"$set": change}
    )


def _write(database: Database[Document], writes: Sequence[UpdateOne]) -> None:
    if writes:
        database[Collection.FAILED_EVENTS].bulk_write(list(writes), ordered=False)
