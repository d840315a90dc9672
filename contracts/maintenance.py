"""What `maintain_archive` notes in its entry of the ledger, and the copy of the archive in a second place."""

from collections.abc import Sequence
from typing import TypedDict


class Mismatch(TypedDict):
    """A final batch of which the archive holds another number of rows than its job noted."""

    batch: int
    ledger: int
    archive: int


class Upkeep(TypedDict):
    """What one round did. `snapshot`: of the archive as it was; `rows_before`, `rows_after`: of final batches in the hours
    that were compacted, counted by reading them; `removed`: rows beyond their shops' retention; `expired`: snapshots;
    `copied`: files, None without a copy.
    """

    snapshot: str
    files_before: int
    files_after: int
    rows_before: int
    rows_after: int
    removed: int
    expired: int
    copied: int | None
    mismatches: list[Mismatch]


def problems_of(upkeep: Upkeep) -> list[str]:
    """What does not agree, in sentences; empty where all counts do."""
    found = [
        f"Batch {one['batch']} has {one['ledger']:,} rows by the ledger, and {one['archive']:,} in the archive."
        for one in upkeep["mismatches"]
    ]
    return [*found, *filter(None, [loss_of(upkeep)])]


def loss_of(upkeep: Upkeep) -> str | None:
    """A sentence where rows are gone or doubled; such a round does not go on by itself, so that the snapshot stays."""
    if upkeep["rows_before"] == upkeep["rows_after"]:
        return None
    return (
        f"The compacted hours had {upkeep['rows_before']:,} rows, and have {upkeep['rows_after']:,} now. Snapshot "
        f"{upkeep['snapshot']} still holds them as they were, and stays. Pause the DAGs, roll the table back to it, and "
        "remove `upkeep` from this round's entry in `batches`."
    )


def nothing_done(snapshot: int, files: int, mismatches: list[Mismatch]) -> Upkeep:
    """Of a round that begins."""
    return Upkeep(
        snapshot=str(snapshot),
        files_before=files,
        files_after=files,
        rows_before=0,
        rows_after=0,
        removed=0,
        expired=0,
        copied=None,
        mismatches=mismatches,
    )


class CopiedFile(TypedDict):
    """A data file in the copy: its name below the copy's folder, and what proves it. `hour`: of event_time, since 1970."""

    name: str
    hour: int
    rows: int
    bytes: int
    sha256: str


class CopyList(TypedDict):
    """One state of the archive in its copy: whole once the list is there. It holds rows of batches below `horizon`,
    without those of `open`; `removed`: rows that were deleted from the archive since its beginning.
    """

    made_at: str
    epoch: int
    horizon: int
    open: Sequence[int]
    rows: int
    removed: int
    files: list[CopiedFile]
