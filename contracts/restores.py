"""A restore in the place of the platform's database: the document that says how far one is.

It stands in the main database's `backups`, the one collection that no generation holds. While a restore is under way nothing
is planned, no job starts and no backup is made: each asks for this document first.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypedDict

RESTORE: Final = "restore"
"""`_id` of the document."""
ATTEMPTS_BEYOND: Final = 1_000
"""Added to the attempts of restored entries that are unfinished: an attempt that began before the database was lost holds
none of them."""
NUMBERS_AT_ONCE: Final = 1_000_000
"""After a restore batches are numbered from the next multiple of this on: no number that may have been given is given again."""


class RestoreState(StrEnum):
    RESTORING = "restoring"
    """Collections are put back."""
    RESTORED = "restored"
    """The database is that of the generation; what the archive has beyond it is still missing."""
    CAUGHT_UP = "caught_up"


UNDER_WAY: Final[Mapping[str, Any]] = {
    "_id": RESTORE,
    "state": {"$in": [str(RestoreState.RESTORING), str(RestoreState.RESTORED)]},
}
"""A query in `backups`."""


class Restore(TypedDict, total=False):
    """generation, and decisions: that of the line of decisions, null where the nightly one is newer or there is none.

    is_swapping: from the first collection that is replaced on. is_booked: the ledger has all that the archive has. step: what
    is being done, for whoever waits.
    """

    _id: str
    state: str
    generation: int
    decisions: int | None
    is_swapping: bool
    is_booked: bool
    began_at: datetime
    restored_at: datetime
    caught_up_at: datetime
    step: str


def next_number(greatest: int) -> int:
    """The counter of batch ids after a restore, `greatest` being the greatest id that is known."""
    return (greatest // NUMBERS_AT_ONCE + 1) * NUMBERS_AT_ONCE
