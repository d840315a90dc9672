"""The newest arrivals of one shop, from a topic whose tail may be read more than once."""

from collections.abc import Callable, Iterable
from itertools import islice

from contracts.keys import KeyKind
from report_app.arrivals.arrival import Arrival, Place

SHOWN = 50
KEPT = 200
"""Of each kind of key: more than are shown, so that a copy finds the message that came before it."""


class Recent:
    """Keeps the newest of each kind of key, by when they were received."""

    def __init__(self) -> None:
        self._by_kind: dict[str, dict[Place, Arrival]] = {str(kind): {} for kind in KeyKind}

    def add(self, arrival: Arrival) -> bool:
        """Whether it is new and among the newest."""
        kept = self._by_kind[arrival.key_kind]
        if arrival.place in kept:
            return False
        kept[arrival.place] = arrival
        if len(kept) > KEPT:
            oldest = min(kept.values(), key=_order)
            del kept[oldest.place]
            return oldest is not arrival
        return True

    def leave_out(self, is_gone: Callable[[Arrival], bool]) -> None:
        """As if these had never arrived."""
        for kind, kept in self._by_kind.items():
            self._by_kind[kind] = {place: arrival for place, arrival in kept.items() if not is_gone(arrival)}

    def newest(self, kind: str = "") -> list[Arrival]:
        """At most 50 of the kind, or of all, the newest first."""
        found = self._by_kind.get(kind, {}).values() if kind else self.all()
        return list(islice(sorted(found, key=_order, reverse=True), SHOWN))

    def all(self) -> Iterable[Arrival]:
        return [arrival for kept in self._by_kind.values() for arrival in kept.values()]

    def first_of_copies(self) -> dict[tuple[str, str], Arrival]:
        """Of each message the arrival that counts, as far as it is among these. What is rejected has no copies."""
        first: dict[tuple[str, str], Arrival] = {}
        for arrival in self.all():
            if arrival.copy_key and not arrival.code:
                known = first.get(arrival.copy_key)
                first[arrival.copy_key] = arrival if known is None or arrival.order < known.order else known
        return first


def _order(arrival: Arrival) -> tuple[object, ...]:
    return (*arrival.order, arrival.place)
