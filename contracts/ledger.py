"""The ledger: one document of the collection `batches` for each batch of a topic, and for each round of day reports.

Airflow's side (plugins/footfall_airflow) plans, commits and announces; the job's side (spark_jobs/ledger.py) takes the
entry, renews its lease and notes what it wrote.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from contracts.maintenance import Upkeep
from contracts.names import BatchState, DagId, Topic

DONE = (BatchState.COMMITTED, BatchState.ANNOUNCED)
"""States of a batch that is never written again; a round of day reports goes from reported to announced."""
FINAL = (*DONE, BatchState.SET_ASIDE, BatchState.LOST)
"""States in which nothing of the entry's range is left to read from the topic."""

PATIENCE, PATIENCE_WITH_A_HALF, PATIENCE_WITH_KILLS = 3, 2, 10
_LAST_STATUS_OF_A_PROGRAM = 128


OPEN_RANGES: Mapping[str, Any] = {
    "$or": [
        {"state": BatchState.SET_ASIDE, "halved_at": None},
        {"parent": {"$ne": None}, "state": {"$nin": list(FINAL)}},
    ]
}
"""A query: what was set aside and is not in the reports yet; the watermark stays before the oldest message of these."""


AT_WORK: Mapping[str, Any] = {
    "$or": [{"state": {"$nin": list(FINAL)}, "dag": {"$ne": DagId.REHEARSE_REPAIRS}}, dict(OPEN_RANGES)]
}
"""A query: entries that may still write into the hours they touch, and of a half that does, its `root`. A rehearsal never
writes.
"""


CHANGING_HOURS: Mapping[str, Any] = {"dag": {"$in": [DagId.PROCESS_EVENTS, DagId.FORGET_PEOPLE]}, **AT_WORK}
"""A query: those of which reports and inbox of their `hours` may differ for a moment."""


def not_final_up_to(batch: int, *dags: DagId) -> dict[str, Any]:
    """A query: the batches up to this one, of events or of these DAGs, that may still write what they read before."""
    known = list(dags or (DagId.PROCESS_EVENTS,))
    return {"dag": {"$in": known}, "_id": {"$lte": batch}, "state": {"$nin": list(FINAL)}}


class Failure(TypedDict):
    """An attempt of the job that failed at its messages although the world was there, or that a signal ended; the number of
    a signal is below 0 or above 128.
    """

    run: str
    status: int
    at: datetime


def was_killed(status: int) -> bool:
    """Whether a signal ended the attempt."""
    return not 0 < status <= _LAST_STATUS_OF_A_PROGRAM


def is_hopeless(entry: Mapping[str, Any]) -> bool:
    """Whether the entry failed so often that trying again is pointless.

    An attempt that a signal ended says little about its batch, so that takes more of them. A half has a parent that
    failed already: it takes fewer, unless it is one message, whose next state is the inbox. One without messages, planned for
    due hours alone, has nothing that could be set aside.
    """
    if entry.get("messages") == 0:
        return False
    statuses = [failure["status"] for failure in entry.get("failures", [])]
    own = [status for status in statuses if not was_killed(status)]
    is_half = entry.get("parent") is not None and entry["messages"] > 1
    return len(own) >= (PATIENCE_WITH_A_HALF if is_half else PATIENCE) or len(statuses) >= PATIENCE_WITH_KILLS


CAUGHT_UP: Mapping[Topic, str] = {Topic.EVENTS: "watermark", Topic.ERRORS: "watermark_of_errors"}
"""Ids in `platform` of the documents whose `caught_up_at` says until when nothing of the topic was left undone."""


class Lease(TypedDict):
    """Who works on the entry, and until when nobody else may; a lease in the past is none."""

    run: str
    until: datetime


class Archived(TypedDict):
    sequence: int
    snapshot: str


class Touched(TypedDict):
    """The reports of one merchant that the entry replaced."""

    merchant: str
    reports: list[str]


def united(touched: Iterable[Touched]) -> list[Touched]:
    """Each merchant once, with all of its reports."""
    reports: dict[str, set[str]] = {}
    for one in touched:
        reports.setdefault(one["merchant"], set()).update(one["reports"])
    return [Touched(merchant=merchant, reports=sorted(ids)) for merchant, ids in sorted(reports.items())]


class Copy(TypedDict):
    """The durable copy of a range in the collection `set_aside`.

    `sha256` is that of all chunks, one after the other; `oldest_ms` Kafka's time of the oldest message.
    """

    chunks: int
    messages: int
    bytes: int
    oldest_ms: int
    sha256: str


class Origin(TypedDict):
    """Where the messages of a half stood: the half itself has no topic, so that it is nobody's previous batch."""

    topic: str
    topic_id: str


class Acceptance(TypedDict):
    """Messages `first` to `last` of a partition that Kafka no longer has, accepted as lost by a named user."""

    partition: int
    first: int
    last: int
    by: str
    reason: str
    at: datetime


class LedgerDocument(TypedDict, total=False):
    """Times are UTC. `_id` is a number from the counter `batches`, or `days-<number>` for a round of day reports,
    `rehearsals-<number>` for one of rehearsals, `settings-<number>` for one of changed settings, `archive-<number>`
    for one of the archive's upkeep, `restores-<number>` for one after a restore, `erasures-<number>` for one of erasures.

    dag, state, run (that planned it), runs (every run that worked on it), attempt (raised by each attempt of the job),
    lease, not_before (no attempt before that), planned_at, touched, seconds (of computing).

    Only batches: topic, topic_id (Kafka's own id of it), previous (the batch of that topic before, 0 for the first;
    unique with topic), ranges (partition -> [first offset, offset after the last]), ends (partition -> offset after this
    batch, of every partition), asked_at (when the broker was asked for them), messages, watermark, archived, hours
    (starts of the UTC hours its attempts touched), counts, committed_at, announced_at, reported_at; failures (of its
    job), begun (the newest attempt that began to work on the messages), lost (what a user accepted as lost; by and reason of an entry that is nothing else).

    Only set aside: copy (of a batch of the topic; its halves use it), oldest_at (Kafka's time of the oldest message),
    halved_at. Only committed ones: compacted_at (its rows may stand in files with those of others). Only rounds of
    upkeep: is_long, upkeep. Of a round of erasures, too: hours. Only halves: parent, part (0 or 1), root (the batch that has the copy), origin, oldest_at,
    taken_at (by a run, for the last time).

    Only what was made again from the archive after a restore: recovered_at. Its attempts and runs are not known.
    """

    _id: int | str
    dag: str
    state: str
    run: str
    runs: list[str]
    attempt: int
    lease: Lease | None
    not_before: datetime | None
    planned_at: datetime
    topic: str
    topic_id: str
    previous: int
    ranges: dict[str, list[int]]
    ends: dict[str, int]
    asked_at: datetime
    messages: int
    watermark: datetime | None
    archived: Archived
    hours: list[datetime]
    counts: dict[str, int]
    touched: list[Touched]
    seconds: float
    reported_at: datetime
    committed_at: datetime
    announced_at: datetime
    failures: list[Failure]
    begun: int
    lost: list[Acceptance]
    by: str
    reason: str
    copy: Copy
    oldest_at: datetime
    halved_at: datetime
    taken_at: datetime
    compacted_at: datetime
    is_long: bool
    upkeep: Upkeep
    recovered_at: datetime
    parent: int
    part: int
    root: int
    origin: Origin
