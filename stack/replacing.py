"""A restore in the place of the platform's database: what only people made is as new as there is, the rest as the night had it.

From its first step to the end of DAG `catch_up_with_archive` everybody else waits (contracts/restores.py).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from backups.alone import alone
from backups.problems import BackupProblem
from backups.restoring import Progress, Source, put_in_place, readable, restore_beside, source_of
from backups.store import Store
from contracts.backups import BackupState
from contracts.names import Collection
from contracts.restores import RESTORE, Restore, RestoreState
from stack.database import prepare_database
from stack.problems import StackProblem
from stack.taking_on import take_on

Document = dict[str, Any]
Say = Callable[[str], None]
TELLING = (Collection.MERCHANTS, Collection.USERS, Collection.ORDERS, Collection.REPORTS)
"""A database without a document in these has nothing that a restore could destroy: running programs write no other ones by
themselves."""
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Lines:
    """Both lines of generations."""

    nightly: Store
    decisions: Store


def replace_database(
    database: Database[Document], lines: Lines, number: int | None, may_replace: bool, progress: Progress, say: Say
) -> Restore:
    """The state of the restore, at whose end the database is that of the generation, without what the archive has beyond it.

    A restore that was killed goes on with the generations it had chosen, unless another `number` is given. Raises
    StackProblem and BackupProblem, and then nothing was replaced: also while another restore of it is under way.
    """
    target = database.with_options(write_concern=WriteConcern(w="majority", j=True))
    with alone(lines.nightly) as require_alone:
        found = _found(target)
        if found and found["state"] == RestoreState.RESTORED and number in (None, found["generation"]):
            say("The database was restored already; it has not caught up with the archive yet.")
            return found
        chosen = _chosen(target, lines, found, number, may_replace)
        try:
            nightly = source_of(lines.nightly, chosen["generation"])
            sources = [nightly] if chosen["decisions"] is None else _both(nightly, lines.decisions, chosen["decisions"])
            _require_nobody_at_work(target)
            restore_beside(sources, target, progress)
            take_on(target, nightly, chosen["began_at"])
        except BaseException:
            _forget(target)
            raise
        require_alone()
        _note(target, is_swapping=True)
        put_in_place(target, {name for source in sources for name in source.collections})
        prepare_database(target)
        _note(target, state=RestoreState.RESTORED, restored_at=datetime.now(UTC))
        return _state(target)


def wait_until_caught_up(database: Database[Document], say: Say) -> None:
    """Says every step of it. Whoever stops waiting stops nothing."""
    say("DAG catch_up_with_archive now makes again what the archive has beyond the backup; you may stop waiting.")
    said = ""
    while (state := _state(database))["state"] != RestoreState.CAUGHT_UP:
        step = state.get("step", "")
        if step != said:
            say(f"  {step}")
            said = step
        time.sleep(_LOOK_EVERY_SECONDS)


def _chosen(
    target: Database[Document], lines: Lines, found: Restore | None, number: int | None, may_replace: bool
) -> Restore:
    """Chooses the generations, and has everybody wait from now on."""
    if found and found["state"] == RestoreState.RESTORING and number in (None, found["generation"]):
        return found
    is_open = found is not None and found["state"] != RestoreState.CAUGHT_UP
    if not is_open and not may_replace and (filled := _filled(target)):
        raise StackProblem(
            f"Database {target.name} is not lost: it has documents in {', '.join(filled)}. Say --replace to have them replaced."
        )
    generation = readable(lines.nightly, number)
    chosen = Restore(
        _id=RESTORE,
        state=RestoreState.RESTORING,
        generation=generation,
        decisions=_newer_decisions(lines, generation),
        is_swapping=bool(is_open and found and found.get("is_swapping")),
        is_booked=False,
        began_at=datetime.now(UTC),
    )
    target[Collection.BACKUPS].replace_one({"_id": RESTORE}, dict(chosen), upsert=True)
    return chosen


def _filled(target: Database[Document]) -> list[str]:
    return [str(name) for name in TELLING if target[name].find_one({}, {"_id": 1})]


def _newer_decisions(lines: Lines, generation: int) -> int | None:
    """The newest whole one, None where the night itself is as new."""
    newest = lines.decisions.newest([BackupState.WHOLE])
    if newest is None or newest["snapshot"] <= lines.nightly.generation(generation)["snapshot"]:
        return None
    return newest["_id"]


def _both(nightly: Source, store: Store, number: int) -> list[Source]:
    """Each collection whole from one of them, so that no decision is older than one beside it."""
    decisions = source_of(store, number)
    return [Source(nightly.store, nightly.generation, nightly.collections - decisions.collections), decisions]


def _require_nobody_at_work(target: Database[Document]) -> None:
    """Of a database that is there; raises StackProblem. In a lost one nobody holds what a restore brings back."""
    if not _filled(target):
        return
    at_work = target[Collection.BATCHES].find_one({"lease.until": {"$gt": datetime.now(UTC)}}, {"lease": 1})
    if at_work is not None:
        raise StackProblem(
            f"Run {at_work['lease']['run']} is at work on entry {at_work['_id']} of the ledger: let it end, at "
            f"{at_work['lease']['until']:%H:%M:%S} UTC at the latest if it is dead, and try again."
        )


def _forget(target: Database[Document]) -> None:
    """Nobody waits any longer, unless collections are replaced in part."""
    target[Collection.BACKUPS].delete_one({"_id": RESTORE, "is_swapping": False})


def _found(target: Database[Document]) -> Restore | None:
    found: Any = target[Collection.BACKUPS].find_one({"_id": RESTORE})
    return found  # type: ignore[no-any-return]


def _state(target: Database[Document]) -> Restore:
    found = _found(target)
    if found is None:
        raise BackupProblem("The database was lost again while it was restored: begin anew.")
    return found


def _note(target: Database[Document], **values: Any) -> None:
    target[Collection.BACKUPS].update_one({"_id": RESTORE}, {"$set": values})
