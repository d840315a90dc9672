"""Messages that came while the job started: they join its batch, so that nobody waits for the next one."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from contracts.names import BatchState
from spark_jobs.process_events.batch import Batch
from spark_jobs.sources import read_ends

log = logging.getLogger("footfall.job")


def extend(batch: Batch) -> None:
    """Moves the end of a batch that nobody has read yet to the topic's newest message.

    Left as planned: what an earlier attempt may have read, a half, and a batch that is full or would be.
    """
    entry = batch.entry.document
    if batch.entry.attempt > 1 or "root" in entry or entry["state"] != BatchState.PLANNED:
        return
    asked_at = datetime.now(UTC)
    planned = {int(partition): end for partition, end in entry["ends"].items()}
    ends = read_ends(batch.spark, batch.settings.kafka_bootstrap, batch.topic)
    if not _is_same_topic(planned, ends):
        return
    count = entry["messages"] + sum(end - planned[partition] for partition, end in ends.items())
    if entry["messages"] < count <= batch.settings.batch_max_messages:
        batch.entry.extend(ends, count, asked_at)
        log.info("batch=%d extended messages=%d", batch.id, count)


def _is_same_topic(planned: Mapping[int, int], ends: Mapping[int, int]) -> bool:
    """A new partition waits for the planner; a topic that was made anew, or lost messages, is for the planner to refuse."""
    return planned.keys() == ends.keys() and all(end >= planned[partition] for partition, end in ends.items())
