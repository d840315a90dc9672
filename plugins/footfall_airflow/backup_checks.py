"""Backups that are late, not whole, or away: each line's is a broken promise until a whole one is there."""

from datetime import datetime, timedelta
from typing import cast

from pymongo.database import Database
from pymongo.errors import PyMongoError

from backups.store import Store, open_store
from contracts.backups import COMPLETE, SEEN, BackupLine, BackupState, Generation, Seen, SeenLine
from contracts.names import Collection, DagId, Topic
from contracts.promises import CHECKS, CheckName, Measure, PromiseState
from contracts.settings import Settings
from footfall_airflow.database import Document
from footfall_airflow.promises import Look

DAGS = {BackupLine.NIGHTLY: DagId.BACK_UP_DATABASES, BackupLine.DECISIONS: DagId.BACK_UP_DECISIONS}
_WAIT_SECONDS = 5.0
_SLOW_SHARE = 0.5
"""Of the time for which the database keeps an instant: a night that takes longer is not far from failing."""


def look_at_backups(database: Database[Document], settings: Settings, now: datetime) -> dict[str, Look]:
    """Looks by line; keeps what was seen for the report app."""
    try:
        lines = _see(settings, _first_batch(database), now)
    except BackupAway as away:
        lines = _as_before(database, str(away))
    seen = Seen(_id=SEEN, at=now, lines={str(line): one for line, one in lines.items()})
    database[Collection.BACKUPS].replace_one({"_id": SEEN}, dict(seen), upsert=True)
    return {str(line): _look(line, one, settings, now) for line, one in lines.items()}


def _look(line: BackupLine, seen: SeenLine, settings: Settings, now: datetime) -> Look:
    measure = None
    if seen["until"] is not None:
        age = (now - seen["until"]).total_seconds()
        measure = Measure(of=str(line), value=age, limit=CHECKS[CheckName.BACKUPS].limit(settings, line))
    return Look(PromiseState.BROKEN if seen["broken"] else None, seen["broken"], measure)


class BackupAway(RuntimeError):
    """The backup database does not answer."""


def _see(settings: Settings, first: datetime | None, now: datetime) -> dict[BackupLine, SeenLine]:
    limits = {line: timedelta(seconds=CHECKS[CheckName.BACKUPS].limit(settings, line)) for line in BackupLine}
    found = {}
    try:
        for line, limit in limits.items():
            with open_store(settings, line, _WAIT_SECONDS) as store:
                found[line] = _seen(store, line, first, limit, now)
    except PyMongoError as error:
        name = type(error).__name__
        raise BackupAway(f"The backup database does not answer ({name}): nothing is backed up.") from error
    return found


def _as_before(database: Database[Document], broken: str) -> dict[BackupLine, SeenLine]:
    """What was seen last: the backups are out of reach, not gone."""
    seen = database[Collection.BACKUPS].find_one({"_id": SEEN})
    nothing = SeenLine(until=None, documents=0, generations=0, broken=broken)
    lines: Document = seen["lines"] if seen else {}
    return {line: cast(SeenLine, nothing | lines.get(line, {}) | {"broken": broken}) for line in BackupLine}


def _seen(store: Store, line: BackupLine, first: datetime | None, limit: timedelta, now: datetime) -> SeenLine:
    whole, newest = store.newest([BackupState.WHOLE]), store.newest(COMPLETE)
    until = whole.get("confirmed_at", whole["taken_at"]) if whole else None
    return SeenLine(
        until=until,
        documents=whole["documents"] if whole else 0,
        generations=sum(one["state"] == BackupState.WHOLE for one in store.generations()),
        broken=_not_whole(line, newest)
        or _late(line, until, first, limit, now)
        or _empty(line, whole, first, limit, now)
        or _slow(line, whole),
    )


def _first_batch(database: Database[Document]) -> datetime | None:
    """Since when there is anything to lose."""
    of_events = {"topic": Topic.EVENTS}
    found = database[Collection.BATCHES].find_one(of_events, {"planned_at": 1}, sort=[("previous", 1)])
    return found["planned_at"] if found else None


def _not_whole(line: BackupLine, newest: Generation | None) -> str:
    if newest is None or newest["state"] not in (BackupState.DAMAGED, BackupState.DOUBTFUL):
        return ""
    said = [*newest["findings"], *newest["doubts"]]
    return f"Backup {newest['_id']} ({line}) is {newest['state']}: {said[0]} See the runbook of {DAGS[line]}."


def _late(line: BackupLine, until: datetime | None, first: datetime | None, limit: timedelta, now: datetime) -> str:
    if until is None:
        is_late = first is not None and now - first > limit
        return f"There is no whole backup ({line}): see the last run of {DAGS[line]}." if is_late else ""
    if now - until <= limit:
        return ""
    return (
        f"The newest whole backup ({line}) shows {until:%Y-%m-%d %H:%M} UTC, more than {_words(limit)} ago: "
        f"see the last run of {DAGS[line]}."
    )


def _empty(line: BackupLine, whole: Generation | None, first: datetime | None, limit: timedelta, now: datetime) -> str:
    """The first backup may be; not when there has been something to lose for a while."""
    if whole is None or whole["documents"] or first is None or now - first <= limit:
        return ""
    return f"Backup {whole['_id']} ({line}) is empty: does {DAGS[line]} read the right database?"


def _words(limit: timedelta) -> str:
    hours, rest = divmod(int(limit.total_seconds()), 3_600)
    return f"{rest} s" if not hours else f"{hours} h" if not rest else f"{hours} h {rest} s"


def _slow(line: BackupLine, whole: Generation | None) -> str:
    if whole is None or "verified_at" not in whole:
        return ""
    took, window = (whole["verified_at"] - whole["taken_at"]).total_seconds(), whole["window_seconds"]
    if took <= window * _SLOW_SHARE:
        return ""
    return (
        f"Backup {whole['_id']} ({line}) was proven {took:,.0f} s after its instant, which the database keeps for {window:,} s: "
        "raise FOOTFALL_SNAPSHOT_WINDOW_SECONDS and restart the database."
    )
