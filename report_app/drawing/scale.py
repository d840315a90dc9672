"""The scale of an axis: round steps, zero included, five ticks at the most."""

from collections.abc import Iterable

_STEPS = (1, 2, 5)
MOST_TICKS = 5


def ticks(values: Iterable[int], unit: int = 1) -> list[int]:
    """Tick positions that cover all `values` and zero; steps are 1, 2 or 5 times a power of ten of `unit`."""
    found = [0, *values]
    low, high = min(found), max(found)
    if low == high:
        high = unit
    step = unit
    for power in range(16):
        for factor in _STEPS:
            step = unit * factor * 10**power
            first, last = low // step, -(-high // step)
            if last - first + 1 <= MOST_TICKS:
                return [step * number for number in range(first, last + 1)]
    return [0, high]


def spread(count: int, most: int) -> list[int]:
    """Places of at most `most` labels among `count` columns: even gaps from the first, and the last if it has room."""
    if count <= most:
        return list(range(count))
    step = -(-(count - 1) // (most - 1))
    places = list(range(0, count, step))
    has_room = len(places) < most and 2 * (count - 1 - places[-1]) >= step
    return [*places, count - 1] if has_room else places
