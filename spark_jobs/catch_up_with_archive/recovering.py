"""What batches brought, made again from their rows in the archive: decided times, due scopes, orders, rejected messages."""

import logging
from collections.abc import Iterable, Iterator

from pyspark.sql import DataFrame

from contracts.names import Topic
from spark_jobs.archive import Snapshot
from spark_jobs.assigned_times import decide_again
from spark_jobs.attempts import Attempt
from spark_jobs.catch_up_with_archive.archived import ArchivedBatch, rows_of
from spark_jobs.due_scopes import make_due
from spark_jobs.errors import publish_rejected
from spark_jobs.merchants import Merchant, read_merchants
from spark_jobs.orders import changes_of, key_of, read_orders, write_orders
from spark_jobs.process_events.judging import order_rows_of
from spark_jobs.process_events.touched import touched_scopes
from spark_jobs.repaired import note_repaired

log = logging.getLogger("footfall.job")


def recover(attempt: Attempt, snapshot: Snapshot, batches: Iterable[ArchivedBatch]) -> None:
    """Some batches together; done again, it changes nothing more."""
    some = list(batches)
    rows = rows_of(attempt.spark, snapshot, some)
    merchants = read_merchants(attempt.database)
    attempt.entry.hold()
    decide_again(attempt.database, rows)
    _recover_orders(attempt, snapshot, rows, merchants)
    if any(batch.counts["rejected"] for batch in some):
        publish_rejected(attempt.settings, rows, merchants, Topic.EVENTS)
    if any(batch.counts["returned"] for batch in some):
        note_repaired(attempt.database, rows)
    log.info("recovered batches=%s", [batch.id for batch in some])


def in_groups(batches: Iterable[ArchivedBatch], most_messages: int) -> Iterator[list[ArchivedBatch]]:
    """Neighbours together, as many as one batch may have messages."""
    group: list[ArchivedBatch] = []
    room = most_messages
    for batch in batches:
        if group and batch.counts["messages"] > room:
            yield group
            group, room = [], most_messages
        group.append(batch)
        room -= batch.counts["messages"]
    if group:
        yield group


def _recover_orders(attempt: Attempt, snapshot: Snapshot, rows: DataFrame, merchants: dict[str, Merchant]) -> None:
    """Everything that will change is due before the first order changes. A shop that is gone has no scopes and no orders."""
    found = [row for row in order_rows_of(rows) if row["merchant"] in merchants]
    changes = changes_of(read_orders(attempt.database, [key_of(row) for row in found]), found, merchants)
    causes = touched_scopes(attempt.spark, rows, merchants).causes
    for scope, why in changes.causes.items():
        causes.setdefault(scope, set()).update(why)
    make_due(attempt.database, causes, snapshot.sequence, None, "made again after a restore", causes)
    attempt.entry.hold()
    write_orders(attempt.database, changes.changed)
    log.info("orders=%d scopes_due=%d", len(changes.changed), len(causes))
