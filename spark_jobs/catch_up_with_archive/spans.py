"""Arithmetic on offsets of several partitions, where a range may have holes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

Span = tuple[int, int]
"""First offset, offset after the last."""
Spans = dict[int, list[Span]]
"""Partition -> spans in their order, which neither touch nor overlap."""
Ranges = Mapping[str, Sequence[int]]
"""As in the ledger: partition -> [first offset, offset after the last]."""


def spans_of(ranges: Iterable[Ranges]) -> Spans:
    """The union of ranges of the ledger."""
    by_partition: dict[int, list[Span]] = {}
    for one in ranges:
        for partition, (start, end) in one.items():
            by_partition.setdefault(int(partition), []).append((start, end))
    return {partition: joined for partition, spans in by_partition.items() if (joined := _joined(spans))}


def without(whole: Spans, taken: Spans) -> Spans:
    """What is in `whole` and not in `taken`."""
    left = {partition: _without(spans, taken.get(partition, [])) for partition, spans in whole.items()}
    return {partition: spans for partition, spans in left.items() if spans}


def as_ranges(spans: Spans) -> list[dict[str, list[int]]]:
    """The same as ranges of the ledger: as many as the partition with most spans has."""
    named = [[(str(partition), list(span)) for span in found] for partition, found in sorted(spans.items())]
    return [dict(one for one in layer if one is not None) for layer in zip_longest(*named)]


def messages_in(ranges: Ranges) -> int:
    return sum(end - start for start, end in ranges.values())


def ends_of(ranges: Iterable[Ranges]) -> dict[str, int]:
    """Of each partition the offset after the last."""
    return {partition: end for partition, (_, end) in hull(ranges).items()}


def hull(ranges: Iterable[Ranges]) -> dict[str, list[int]]:
    """Of each partition from the first to the last, with whatever lies between."""
    found: dict[str, list[int]] = {}
    for one in ranges:
        for partition, (start, end) in one.items():
            first, last = found.get(partition, (start, end))
            found[partition] = [min(first, start), max(last, end)]
    return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    left = list(spans)
    for start, end in taken:
        cut = [part for span in left for part in ((span[0], min(span[1], start)), (max(span[0], end), span[1]))]
        left = [part for part in cut if part[1] > part[0]]
    return left
