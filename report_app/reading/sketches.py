"""Visitors of several hours: sketches united, never added."""

from collections.abc import Iterable
from dataclasses import dataclass

from datasketches import hll_sketch, hll_union

from report_app.reading.reports import Part, State

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
        sketch = _sketch(part)
        if sketch is None:
            return Visitors(None, True, State.AGAIN)
        union.update(sketch)
    largest = max(int((part.content or {})["visitors"]) for part in visited)
    total = sum(int((part.content or {})["visitors"]) for part in visited)
    return Visitors(min(max(round(union.get_estimate()), largest), total), True)


def _sketch(part: Part) -> hll_sketch | None:
    """The part's sketch; null where it is missing, damaged, or far from the exact count beside it."""
    if part.sketch is None or part.content is None:
        return None
    try:
        sketch = hll_sketch.deserialize(part.sketch)
    except (ValueError, RuntimeError):
        return None
    exact = int(part.content["visitors"])
    return sketch if abs(sketch.get_estimate() - exact) <= max(10, exact * 0.15) else None
