"""What wakes a DAG: a question to the ledger and the broker, asked again and again. It looks at state, never at messages.

A watch says "wake" while there is work and no run is at it, and says so again if nothing came of it. So it does not
matter what became of an earlier event.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from contracts.ledger import CAUGHT_UP
from contracts.names import Collection, DagId, Topic
from contracts.settings import Settings
from footfall_airflow.changing import has_changes
from footfall_airflow.database import Document
from footfall_airflow.forgetting import has_erasures
from footfall_airflow.inbox_work import other_work
from footfall_airflow.ledger import Ledger, Standing
from footfall_airflow.offsets import Broker
from footfall_airflow.planning import has_due_days
from footfall_airflow.ranges import LostRange, unread
from footfall_airflow.rehearsing import has_rehearsals
from footfall_airflow.restored import has_restored, is_under_way

log = logging.getLogger("footfall.watches")

Wake = dict[str, Any]
"""What the event tells the analyst; a run does not need it."""

REPEAT = timedelta(seconds=10)
CAUGHT_UP_EVERY = timedelta(seconds=5)
LARGE_SHARE = 20
"""A backlog of a twentieth of the largest batch does not wait until it is old enough."""


class Teller:
    """Lets a wake-up through when the state moved since the last one, or `REPEAT` after it."""

    def __init__(self) -> None:
        self._state: object = None
        self._at: datetime | None = None

    def tell(self, state: object, wake: Wake, now: datetime) -> Wake | None:
        if state == self._state and self._at is not None and now - self._at < REPEAT:
            return None
        self._state, self._at = state, now
        return wake

    def forget(self) -> None:
        self._state = self._at = None


class BacklogWatch:
    """Is there anything in the topic beyond what the ledger says is done, or other work for its DAG?"""

    def __init__(
        self, topic: Topic, dag: DagId, database: Database[Document], broker: Broker, settings: Settings
    ) -> None:
        self._topic, self._database, self._broker, self._settings = topic, database, broker, settings
        self._ledger = Ledger(database, dag, settings.lease_seconds)
        self._teller = Teller()
        self._since: tuple[int, datetime] | None = None
        self._lost: str | None = None
        self._has_other_work = other_work(database, topic)
        self._caught_up_noted: datetime | None = None

    def look(self, now: datetime) -> Wake | None:
        """The wake-up, or None; raises when the ledger or the broker does not answer.

        The order matters for the watermark: newest batch, then the topic's ends, then what is unfinished. A ledger that is
        being restored says nothing.
        """
        if is_under_way(self._database):
            return None
        batch, count = self._backlog(now)
        standing = self._ledger.standing(now)
        if standing.is_in_flight:
            self._teller.forget()
            return None
        if standing.unfinished is None and count == 0:
            self._note_caught_up(now)
        if standing.half is None and not self._has_work(standing, count, now):
            return None
        wake = {"topic": str(self._topic), "unread": count, "unfinished_batch": _key(standing)}
        if standing.half is not None:
            wake["half"] = standing.half["_id"]
        return self._teller.tell((batch, _key(standing), _runs(standing), standing.half), wake, now)

    def _has_work(self, standing: Standing, count: int | None, now: datetime) -> bool:
        """A batch that need not wait after a failure, else messages beyond all batches, or other work of the DAG."""
        if standing.unfinished is not None:
            return standing.may_start(now)
        if count is None:
            return False
        return self._has_other_work(now) or (count > 0 and self._is_due(count, now))

    def _backlog(self, now: datetime) -> tuple[int, int | None]:
        """The newest batch, and the number of messages beyond it; None where the topic lost some."""
        position = self._ledger.position(self._topic)
        state = self._broker.read_state(self._topic)
        try:
            count = unread(position.starts(state), state.ends)
        except LostRange as error:
            self._complain(str(error))
            return position.batch, None
        self._lost = None
        if not count:
            self._since = None
        elif self._since is None or self._since[0] != position.batch:
            self._since = (position.batch, now)
        return position.batch, count

    def _complain(self, lost: str) -> None:
        if lost != self._lost:
            log.error("%s", lost)
        self._lost, self._since = lost, None

    def _is_due(self, count: int, now: datetime) -> bool:
        is_large = count >= self._settings.batch_max_messages / LARGE_SHARE
        waited = (now - self._since[1]).total_seconds() if self._since else 0.0
        return is_large or waited >= self._settings.wake_after_seconds

    def _note_caught_up(self, now: datetime) -> None:
        """`now` is before the ends were read: everything that arrived until then is in reports or inbox, or set aside."""
        is_noted = self._caught_up_noted is not None and now - self._caught_up_noted < CAUGHT_UP_EVERY
        if self._topic not in CAUGHT_UP or is_noted or self._ledger.open_since() is not None:
            return
        self._database[Collection.PLATFORM].update_one(
            {"_id": CAUGHT_UP[self._topic]}, {"$max": {"caught_up_at": now}}, upsert=True
        )
        self._caught_up_noted = now


class RoundWatch(ABC):
    """Is there anything to do for a DAG that works in rounds?"""

    dag: DagId
    waits_for_restore = True

    def __init__(self, database: Database[Document], settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._ledger = Ledger(database, self.dag, settings.lease_seconds)
        self._teller = Teller()

    def look(self, now: datetime) -> Wake | None:
        """The wake-up, or None; raises when the ledger does not answer."""
        if self.waits_for_restore and is_under_way(self._database):
            return None
        standing = self._ledger.standing(now)
        if standing.is_in_flight:
            self._teller.forget()
        if not standing.may_start(now):
            return None
        last = self._ledger.newest()
        if standing.unfinished is None and not self._has_work(last, now):
            return None
        wake = {"unfinished_round": _key(standing)}
        return self._teller.tell((last and last["_id"], _key(standing), _runs(standing)), wake, now)

    @abstractmethod
    def _has_work(self, last: Document | None, now: datetime) -> bool:
        """Whether a new round may begin; `last` is the round before."""


class DueDaysWatch(RoundWatch):
    """Are day scopes due, and has the pace of rounds allowed for the next one?"""

    dag = DagId.BUILD_DAY_REPORTS

    def _has_work(self, last: Document | None, now: datetime) -> bool:
        return has_due_days(self._database) and self._has_rested(last, now)

    def _has_rested(self, last: Document | None, now: datetime) -> bool:
        if last is None or "announced_at" not in last:
            return True
        rest = timedelta(seconds=self._settings.day_pace_factor * last.get("seconds", 0.0))
        return bool(now >= last["announced_at"] + rest)


class RehearsalsWatch(RoundWatch):
    """Does anybody wait for a rehearsal?"""

    dag = DagId.REHEARSE_REPAIRS

    def _has_work(self, last: Document | None, now: datetime) -> bool:
        return has_rehearsals(self._database)


class ChangesWatch(RoundWatch):
    """Can the change of a shop's settings go on?"""

    dag = DagId.CHANGE_SETTINGS

    def _has_work(self, last: Document | None, now: datetime) -> bool:
        return has_changes(self._database, now)


class RestoredWatch(RoundWatch):
    """Was a database restored that has not caught up with the archive?"""

    dag = DagId.CATCH_UP_WITH_ARCHIVE
    waits_for_restore = False

    def _has_work(self, last: Document | None, now: datetime) -> bool:
        return has_restored(self._database)


class ErasuresWatch(RoundWatch):
    """Is a person to be forgotten, and can that go on?"""

    dag = DagId.FORGET_PEOPLE

    def _has_work(self, last: Document | None, now: datetime) -> bool:
        return has_erasures(self._database, now)


WATCH_OF_ROUNDS: Mapping[DagId, type[RoundWatch]] = {
    watch.dag: watch for watch in (DueDaysWatch, RehearsalsWatch, ChangesWatch, RestoredWatch, ErasuresWatch)
}


def _key(standing: Standing) -> int | str | None:
    return standing.unfinished["_id"] if standing.unfinished else None


def _runs(standing: Standing) -> int:
    return len(standing.unfinished["runs"]) if standing.unfinished else 0
