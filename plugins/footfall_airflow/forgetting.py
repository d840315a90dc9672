"""People who are to be forgotten: which erasures can go on, what goes from the backups, and the receipt at the end.

Each state of an erasure waits for the batches of its time, as changed settings do (`changing.py`).
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo.database import Database

from contracts.backups import BackupLine
from contracts.erasures import (
    IN_FORCE,
    KAFKA_KEEPS,
    NOBODY,
    OPEN,
    READING,
    ErasureState,
    Forgotten,
    Older,
    Receipt,
    Removed,
    forgotten_of,
    signed,
)
from contracts.ledger import not_final_up_to
from contracts.names import Collection, DagId
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.ledger import Ledger, NothingToDo
from footfall_airflow.planning import Clock, utc_now

log = logging.getLogger("footfall.erasures")
_IS_OPEN = {"state": {"$in": [str(state) for state in OPEN]}}
_WAITS_FOR_A_PERSON = {"state": ErasureState.FOUND, "is_confirmed": False}
_LEFT = (
    "Kafka keeps messages as long as it says above.",
    "The log from which the database's replicas follow forgets as new writes come.",
    "Reports of days beyond the shop's retention stay: they are sums and hold no id.",
)


def plan_erasures(ledger: Ledger, database: Database[Document], run: str, now: Clock = utc_now) -> Document:
    """The run's round. Raises NothingToDo while none can go on, or the archive's upkeep is at work."""
    if entry := ledger.take(run, now()):
        return entry
    if is_in_flight(database, DagId.MAINTAIN_ARCHIVE, now()):
        raise NothingToDo("The archive's upkeep is at work: erasures go on after it.")
    _note_newest_batch(database)
    if not _free_to_go(database, now()):
        raise NothingToDo("No person is to be forgotten, or batches that began before are still at work.")
    return ledger.plan(run, now(), prefix="erasures-")


def has_erasures(database: Database[Document], now: datetime) -> bool:
    if is_in_flight(database, DagId.MAINTAIN_ARCHIVE, now):
        return False
    not_seen = {**_IS_OPEN, "after": None, "$nor": [_WAITS_FOR_A_PERSON]}
    if database[Collection.ERASURES].find_one(not_seen, {"_id": 1}) is not None:
        return True
    return bool(_free_to_go(database, now))


def is_in_flight(database: Database[Document], dag: DagId, now: datetime) -> bool:
    """Whether a run holds an entry of this DAG. Upkeep and erasures write the same files again: one waits for the other."""
    return database[Collection.BATCHES].find_one({"dag": dag, "lease.until": {"$gt": now}}, {"_id": 1}) is not None


def _note_newest_batch(database: Database[Document]) -> None:
    """The counter is read after the erasure was found: every batch that may know less has a number up to it."""
    for erasure in list(database[Collection.ERASURES].find({**_IS_OPEN, "after": None}, {"state": 1})):
        counter = database[Collection.COUNTERS].find_one({"_id": "batches"})
        same = {"_id": erasure["_id"], "state": erasure["state"], "after": None}
        after = counter["value"] if counter else 0
        database[Collection.ERASURES].update_one(same, {"$set": {"after": after}})


def _free_to_go(database: Database[Document], now: datetime) -> list[Document]:
    waits_no_more = {"$or": [{"not_before": None}, {"not_before": {"$lte": now}}]}
    query = {**_IS_OPEN, "after": {"$ne": None}, "$nor": [_WAITS_FOR_A_PERSON], **waits_no_more}
    found = database[Collection.ERASURES].find(query, {"after": 1})
    batches = database[Collection.BATCHES]
    return [one for one in found if batches.find_one(not_final_up_to(one["after"], *READING), {"_id": 1}) is None]


def kept_out(database: Database[Document], settings: Settings, merchants: Iterable[str]) -> Forgotten:
    """Everybody whose messages these shops leave out. Raises UnknownSecret."""
    of_shops = {"merchant": {"$in": sorted(merchants)}, **IN_FORCE}
    found = list(database[Collection.ERASURES].find(of_shops, {"merchant": 1, "key": 1, "ids.hash": 1}))
    return forgotten_of(found, settings.erasure_secrets_by_id()) if found else NOBODY


def clear_backups(database: Database[Document], settings: Settings, run: str, now: datetime) -> int:
    """Of everybody who is erased where the platform reads; answers how many erasures it was done for. A night or a
    rehearsal that is at work is waited for: a later round does it.
    """
    from backups.dumps import forget_in_dumps
    from backups.forgetting import forget
    from backups.problems import BusyBackup, Superseded
    from backups.scratch import clear_scratch
    from backups.store import open_store

    wanted = {"state": ErasureState.ERASED, f"cleared.{Older.DUMPS}": None}
    erasures = list(database[Collection.ERASURES].find(wanted))
    if not erasures:
        return 0
    forgotten = forgotten_of(erasures, settings.erasure_secrets_by_id())
    try:
        with open_store(settings, BackupLine.NIGHTLY) as store:
            log.info("generations: %s", forget(store, forgotten, run))
            if used := clear_scratch(store):
                raise BusyBackup(
                    f"A restore is being rehearsed in {', '.join(used)}, and may show what was there before."
                )
        _note_cleared(database, erasures, Older.BACKUPS, now)
        log.info("dumps: %d documents", forget_in_dumps(Path(settings.dump_folder), forgotten))
        _note_cleared(database, erasures, Older.DUMPS, now)
    except (BusyBackup, Superseded) as busy:
        log.warning("%s", busy)
        return 0
    return len(erasures)


def _note_cleared(database: Database[Document], erasures: list[Document], what: Older, now: datetime) -> None:
    ids = {"_id": {"$in": [one["_id"] for one in erasures]}, f"cleared.{what}": None}
    database[Collection.ERASURES].update_many(ids, {"$set": {f"cleared.{what}": now}})


def finish(database: Database[Document], settings: Settings, now: datetime) -> list[str]:
    """Receipts for those who are gone everywhere; answers their erasures."""
    is_cleared = {f"cleared.{what}": {"$ne": None} for what in Older}
    done = []
    for erasure in list(database[Collection.ERASURES].find({"state": ErasureState.ERASED, **is_cleared})):
        receipt = receipt_of(erasure, now)
        secret = settings.erasure_secrets_by_id()[erasure["key"]]
        change = {
            "state": str(ErasureState.DONE),
            "done_at": now,
            "changed_at": now,
            "receipt": signed(receipt, secret),
        }
        same = {"_id": erasure["_id"], "state": ErasureState.ERASED}
        if database[Collection.ERASURES].update_one(same, {"$set": change}).modified_count:
            done.append(erasure["_id"])
    return done


def receipt_of(erasure: Mapping[str, Any], now: datetime) -> Receipt:
    """Without a signature. `changed_at` is when rows and documents were gone."""
    erased_at, found = erasure["changed_at"], dict(erasure["found"])
    kinds = dict.fromkeys(("anonymous", "user", "order"), 0)
    for one in erasure["ids"]:
        kinds[one["kind"]] += 1
    removed = [
        Removed(store=store, what=_WHAT.get(store, "documents"), count=count, at=_text(erased_at))
        for store, count in sorted(found.items())
        if store in _WHAT and count
    ]
    older = [Removed(store=str(what), what=_OLDER[what], count=1, at=_text(at)) for what, at in _cleared(erasure)]
    return Receipt(
        erasure=erasure["_id"],
        merchant=erasure["merchant"],
        ordered_at=_text(erasure["ordered_at"]),
        done_at=_text(now),
        ids=kinds,
        removed=[*removed, *older],
        kafka={str(topic): _text(erased_at + timedelta(days=days)) for topic, days in KAFKA_KEEPS.items()},
        left=list(_LEFT),
        key=erasure["key"],
    )


_WHAT = {
    "archive": "rows",
    str(Collection.ORDERS): "documents",
    str(Collection.FAILED_EVENTS): "documents",
    str(Collection.ASSIGNED_TIMES): "documents",
    str(Collection.SET_ASIDE): "chunks that were written anew",
    str(Collection.ERROR_CAUSES): "places",
}
_OLDER = {
    Older.ARCHIVE: "states and files of before",
    Older.COPY: "lists of before, with their files",
    Older.BACKUPS: "generations, written anew",
    Older.DUMPS: "dumps, written anew",
}


def _cleared(erasure: Mapping[str, Any]) -> list[tuple[Older, datetime]]:
    return [(what, erasure["cleared"][what]) for what in Older if erasure["cleared"].get(what)]


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
