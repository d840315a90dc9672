"""Which messages the next batch owns: pure arithmetic on offsets, partition by partition."""

from collections.abc import Mapping
from dataclasses import dataclass

Offsets = dict[int, int]
"""Partition -> offset."""


class LostRange(RuntimeError):
    """The topic no longer holds what the ledger says comes next; the message names the range and the remedy."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """What the broker holds: of each partition the first offset kept (`lows`) and the one after the last (`ends`)."""

    topic: str
    topic_id: str
    lows: Offsets
    ends: Offsets


@dataclass(frozen=True, slots=True)
class Position:
    """Where the ledger stands in a topic: the newest batch (0: none), the topic's id then, the offsets after it."""

    batch: int
    topic_id: str | None
    ends: Offsets

    def starts(self, topic: TopicState) -> Offsets:
        """The first offset to read of each partition of the topic; raises LostRange.

        A partition that no batch has seen starts at the oldest message kept.
        """
        if self.topic_id not in (None, topic.topic_id):
            raise LostRange(_made_anew(self, topic))
        starts = {partition: self.ends.get(partition, low) for partition, low in topic.lows.items()}
        for partition, start in starts.items():
            _require_kept(self, topic, partition, start)
        return starts


def _require_kept(position: Position, topic: TopicState, partition: int, start: int) -> None:
    low, end = topic.lows[partition], topic.ends[partition]
    if start < low:
        raise LostRange(
            f"{topic.topic}, partition {partition}: the messages {start} to {low - 1} were never read and Kafka keeps "
            f"them no more (batch {position.batch} ends at {start}). Restore them, or accept the loss with `footfall ledger "
            f"accept-loss --topic {topic.topic} --range {partition}:{start}-{low - 1} --by NAME --reason TEXT`; until then "
            "nothing more of this topic is read."
        )
    if start > end:
        raise LostRange(
            f"{topic.topic}, partition {partition}: batch {position.batch} ends at {start}, but the topic ends at {end}. "
            "It lost acknowledged messages: restore the topic's data, or that of the ledger, so that they agree."
        )


def _made_anew(position: Position, topic: TopicState) -> str:
    ends = ", ".join(f"{partition}: {end}" for partition, end in sorted(position.ends.items()))
    return (
        f"{topic.topic} was deleted and made anew: its id is {topic.topic_id}, batch {position.batch} read it as "
        f"{position.topic_id} up to the offsets {ends}. What stood behind them in the old topic is lost unless you restore it; "
        f"accept the loss with `footfall ledger accept-loss --topic {topic.topic} --made-anew --by NAME --reason TEXT`, or "
        "restore the topic's data."
    )


def unread(starts: Mapping[int, int], ends: Mapping[int, int]) -> int:
    return sum(ends[partition] - start for partition, start in starts.items())


def cut(starts: Mapping[int, int], ends: Mapping[int, int], most: int) -> Offsets:
    """The offsets at which a batch of at most `most` messages ends, its room shared fairly among the partitions."""
    room, cuts = most, {}
    by_size = sorted(starts, key=lambda partition: (ends[partition] - starts[partition], partition))
    for index, partition in enumerate(by_size):
        share = min(ends[partition] - starts[partition], room // (len(by_size) - index))
        cuts[partition] = starts[partition] + share
        room -= share
    return cuts
