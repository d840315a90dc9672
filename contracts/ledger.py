"""The ledger: one document of the collection `batches` for each batch of a topic, and for each round of day reports.

Airflow's side (plugins/footfall_airflow) plans, commits and announces; the job's side (spark_jobs/ledger.py) takes the
entry, renews its lease and notes what it wrote.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from contracts.names import BatchState, Topic

DONE = (BatchState.COMMITTED, BatchState.ANNOUNCED)
"""States of a batch that is never written again; a round of day reports goes from reported to announced."""


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


class LedgerDocument(TypedDict, total=False):
    """Times are UTC. `_id` is a number from the counter `batches`, or `days-<number>` for a round of day reports.

    dag, state, run (that planned it), runs (every run that worked on it), attempt (raised by each attempt of the job),
    lease, not_before (no attempt before that), planned_at, touched, seconds (of computing).

    Only batches: topic, topic_id (Kafka's own id of it), previous (the batch of that topic before, 0 for the first;
    unique with topic), ranges (partition -> [first offset, offset after the last]), ends (partition -> offset after this
    batch, of every partition), messages, watermark, archived, hours (starts of the UTC hours its attempts touched),
    counts, committed_at, announced_at, reported_at.
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
