"""How much one key or one address may send: a bucket each that fills with time; what passes it is told to come back.

A process counts by itself. What came under the limit is taken whole, also where it empties the bucket and more; the debt
is waited off before the next.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from collector.answers import Refused, too_many

BURST_SECONDS = 20
REMEMBERED = 50_000
"""Of more senders than these the ones that were quiet for longest are forgotten: their buckets count as full."""


class Rate:
    """A limit of so many a second for each sender; 0 is none."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._full = per_second * BURST_SECONDS
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, sender: Hashable, count: int = 1) -> None:
        """Raises Refused (429) where the sender's bucket is empty; says when it is not."""
        if not self._per_second:
            return
        now = self._clock()
        bucket = self._buckets.get(sender)
        left = self._full if bucket is None else min(self._full, bucket[0] + (now - bucket[1]) * self._per_second)
        if left < 1:
            raise Refused(too_many(math.ceil((1 - left) / self._per_second)))
        self._buckets[sender] = (left - count, now)
        if bucket is not None:
            self._buckets.move_to_end(sender)
        elif len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)

    def look(self, sender: Hashable) -> None:
        """As `take`, of nothing."""
        bucket = self._buckets.get(sender)
        if bucket is not None and bucket[0] < 1:
            self.take(sender, 0)
