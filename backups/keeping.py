"""Which backups are kept: of 7 days, 4 weeks and 12 months the newest each. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from itertools import pairwise

DAYS, WEEKS, MONTHS = 7, 4, 12
HOURS = 24
NEWEST = 2
"""Always kept: whoever reads the newest one while the next is made may read on until the one after."""


def kept(taken: Mapping[int, datetime]) -> set[int]:
    """The numbers to keep of `taken` (when, UTC): the newest of each of the last days, weeks and months that have any."""
    newest_first = sorted(taken, key=lambda number: (taken[number], number), reverse=True)
    rules: tuple[tuple[Callable[[datetime], Hashable], int], ...] = (
        (lambda at: at.date(), DAYS),
        (lambda at: tuple(at.isocalendar())[:2], WEEKS),
        (lambda at: (at.year, at.month), MONTHS),
    )
    by_rule = {number for rule, count in rules for number in _newest_of_each(newest_first, taken, rule, count)}
    return by_rule | set(newest_first[:NEWEST])


def kept_of_decisions(taken: Mapping[int, datetime]) -> set[int]:
    """Of what is copied every few minutes: the newest of each of the last 24 hours and 7 days that have any."""
    newest_first = sorted(taken, key=lambda number: (taken[number], number), reverse=True)
    hours = _newest_of_each(newest_first, taken, lambda at: (at.date(), at.hour), HOURS)
    days = _newest_of_each(newest_first, taken, lambda at: at.date(), DAYS)
    return {*hours, *days, *newest_first[:NEWEST]}


def _newest_of_each(
    newest_first: Iterable[int], taken: Mapping[int, datetime], period: Callable[[datetime], Hashable], count: int
) -> list[int]:
    found: dict[Hashable, int] = {}
    for number in newest_first:
        found.setdefault(period(taken[number]), number)
    return list(found.values())[:count]


def gaps(keep: Iterable[int]) -> list[tuple[int, int]]:
    """(after, before) of neighbours among the kept: what only a generation between the two has is not needed any more."""
    remaining = sorted(keep)
    return list(pairwise([0, *remaining]))
