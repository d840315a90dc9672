"""A generation that was copied becomes whole: proven against the main database, and not suspiciously small."""

from typing import Any

from pymongo.database import Database

from backups.doubts import Size, doubts
from backups.problems import BackupProblem, DamagedBackup, SnapshotGone
from backups.store import Store
from backups.verifying import Finding, against_main
from contracts.backups import BackupState, Generation

Document = dict[str, Any]
MOST_SENTENCES = 20


def prove(store: Store, database: Database[Document], number: int, run: str, shrink: float) -> Generation:
    """Raises DamagedBackup where it is not what the main database had, or doubtful; also when it is asked again."""
    generation = store.generation(number)
    if generation["state"] == BackupState.COPYING:
        raise BackupProblem(f"Generation {number} is not copied yet: clear the task `copy`.")
    if generation["state"] == BackupState.COPIED:
        generation = _judge(store, database, generation, run, shrink)
    sentences = [*generation["findings"], *generation["doubts"]]
    if generation["state"] == BackupState.DAMAGED:
        raise DamagedBackup("\n".join(["The backup is damaged; the next one writes these anew:", *sentences]))
    if generation["state"] == BackupState.DOUBTFUL:
        accept = f"If that is right: footfall backup accept {number} --by NAME"
        raise DamagedBackup("\n".join([*sentences, accept]))
    return generation


def _judge(store: Store, database: Database[Document], generation: Generation, run: str, shrink: float) -> Generation:
    number, token = generation["_id"], store.take(run)
    try:
        findings = list(against_main(store, database, generation))
    except SnapshotGone as gone:
        raise BackupProblem(f"Generation {number} was copied, but can no longer be proven. {gone}") from gone
    before = store.newest([BackupState.WHOLE], before=number)
    size = Size(generation["documents"], generation["bytes"])
    found = doubts(size, Size(before["documents"], before["bytes"]) if before else None, shrink)
    state = BackupState.DAMAGED if findings else BackupState.DOUBTFUL if found else BackupState.WHOLE
    store.note(
        number,
        state=state,
        verified_at=store.now(),
        doubts=found,
        findings=_sentences(findings),
        damaged=_places(findings),
    )
    store.release(token)
    return store.generation(number)


def accept(store: Store, number: int, name: str) -> None:
    """A person says that a doubtful generation is right. Raises BackupProblem where it is none."""
    generation = store.generation(number)
    if generation["state"] != BackupState.DOUBTFUL:
        raise BackupProblem(f"Generation {number} is {generation['state']}: only a doubtful one can be accepted.")
    store.note(number, state=BackupState.WHOLE, accepted_by=name)


def _sentences(findings: list[Finding]) -> list[str]:
    more = len(findings) - MOST_SENTENCES
    return [str(one) for one in findings[:MOST_SENTENCES]] + ([f"And {more} more."] if more > 0 else [])


def _places(findings: list[Finding]) -> list[list[Any]]:
    return [list(place) for place in dict.fromkeys((one.collection, one.bucket) for one in findings)]
