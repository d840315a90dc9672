"""Triggers of asset watchers. They run in the triggerer, one for each asset, and never end.

Questions to Kafka and MongoDB block, so each trigger asks them in a thread of its own. An outage is waited out and
logged once; a trigger that failed instead would leave its DAG asleep.
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from contracts.completeness import check_contracts
from contracts.names import DagId, Topic
from contracts.settings import settings

if TYPE_CHECKING:
    from pymongo.database import Database

log = logging.getLogger("footfall.triggers")

POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 5.0
DAG_OF_TOPIC = {
    Topic.EVENTS: DagId.PROCESS_EVENTS,
    Topic.ERRORS: DagId.REPROCESS_ERRORS,
    Topic.REPORT_REQUESTS: DagId.REBUILD_REPORTS,
}

Look = Callable[[datetime], dict[str, Any] | None]


class StateTrigger(BaseEventTrigger):
    """Fires whenever its watch says so."""

    _thread: ThreadPoolExecutor | None = None

    @abstractmethod
    def open_watch(self) -> Look:
        """Connects; answers the question to ask from then on. Called in the trigger's thread."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=type(self).__name__)
        check_contracts()
        outage, look = Outage(repr(self)), None
        while True:
            wake = None
            try:
                look = look or await self._call(self.open_watch)
                wake = await self._call(look, datetime.now(UTC))
            except Exception as error:
                outage.note(error)
            else:
                outage.end()
            if wake is not None:
                yield TriggerEvent(wake)
            await asyncio.sleep(outage.wait_seconds)

    async def _call(self, question: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, question, *arguments)

    async def cleanup(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)


class BacklogTrigger(StateTrigger):
    """Fires while a topic holds more than the ledger says is done, and no run is at it."""

    def __init__(self, topic: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.topic = Topic(topic)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.BacklogTrigger", {"topic": str(self.topic)}

    def open_watch(self) -> Look:
        from footfall_airflow.offsets import Broker
        from footfall_airflow.watches import BacklogWatch

        broker = Broker(settings().kafka_bootstrap)
        return BacklogWatch(self.topic, DAG_OF_TOPIC[self.topic], _database(), broker, settings()).look


class RoundTrigger(StateTrigger):
    """Fires while a DAG that works in rounds has something to do: day reports that are due, rehearsals, changed settings."""

    def __init__(self, dag: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dag = DagId(dag)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.RoundTrigger", {"dag": str(self.dag)}

    def open_watch(self) -> Look:
        from footfall_airflow.watches import WATCH_OF_ROUNDS

        return WATCH_OF_ROUNDS[self.dag](_database(), settings()).look


class Outage:
    """While nobody answers: one line in the log, and longer waits."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.wait_seconds = POLL_SECONDS
        self._since: datetime | None = None

    def note(self, error: Exception) -> None:
        if self._since is None:
            self._since = datetime.now(UTC)
            log.warning("%s: Kafka or the ledger does not answer, waiting until it does: %r", self._name, error)
        self.wait_seconds = min(self.wait_seconds * 2, LONGEST_WAIT_SECONDS)

    def end(self) -> None:
        if self._since is not None:
            seconds = (datetime.now(UTC) - self._since).total_seconds()
            log.info("%s: Kafka and the ledger answer again after %.0f s.", self._name, seconds)
        self._since, self.wait_seconds = None, POLL_SECONDS


def _database() -> "Database[dict[str, Any]]":
    """A connection for the trigger's life; the triggerer forks no more once its triggers run."""
    from footfall_airflow.database import connect

    return connect(settings(), wait_seconds=5.0)
