"""Visitors of several hours: sketches united, never added."""

from collections.abc import Iterable
from dataclasses import dataclass

from datasketches import hll_union

from report_app.reading.reports import Part, State
from report_app.reading.sketch_bytes import readable_sketch

LG_K = 12


@dataclass(frozen=True, slots=True)
class Visitors:
    """`count` is null where a scope has no number; then `state` says why."""

    count: int | None
    is_estimate: bool
    state: State = State.READ


def united_visitors(parts: Iterable[Part]) -> Visitors:
    """Exact when at most one hour has visitors, else an estimate from the union of their sketches."""
    found = list(parts)
    unreadable = next((part.state for part in found if not part.is_number), None)
    if unreadable is not None:
        return Visitors(None, False, unreadable)
    visited = [part for part in found if part.content and part.content["visitors"]]
    if not visited:
        return Visitors(0, False)
    if len(visited) == 1:
        return Visitors(int((visited[0].content or {})["visitors"]), False)
    return _estimate(visited)


def _estimate(visited: list[Part]) -> Visitors:
    union = hll_union(LG_K)
    for part in visited:
        sketch = readable_sketch(part.sketch, int((part.content or {})["visitors"]))
        if sketch is None:
            return Visitors(None, True, State.AGAIN)
        union.update(sketch)
    largest = max(int((part.content or {})["visitors"]) for part in visited)
    total = sum(int((part.content or {})["visitors"]) for part in visited)
    return Visitors(min(max(round(union.get_estimate()), largest), total), True)
