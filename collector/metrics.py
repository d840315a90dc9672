"""What a collector counts, in Prometheus' text format. Labels name doors, statuses and codes: never shops, keys or people."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX = "footfall_collector_"
Gauges = Mapping[str, tuple[str, Callable[[], float]]]
"""Name without prefix: what it is, and how it is read."""


class Metrics:
    """Counted on the event loop alone, printed from any thread."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._messages: Counter[str] = Counter()
        self._seconds = [0] * (len(BOUNDS_SECONDS) + 1)
        self._seconds_sum = 0.0
        self._started = time.time()

    def answered(self, door: str, status: int, seconds: float) -> None:
        self._requests[door, status] += 1
        self._seconds[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self._seconds_sum += seconds

    def stored(self, code: str | None) -> None:
        """A message that the broker acknowledged; `code` says why it is rejected, if it is."""
        self._messages[code or "none"] += 1

    def text(self, gauges: Gauges) -> str:
        lines = [*self._counters(), *self._histogram()]
        for name, (what, read) in gauges.items():
            lines += [*_head(name, "gauge", what), f"{_PREFIX}{name} {read():g}"]
        lines += [*_head("start_time_seconds", "gauge", "When the process began, in Unix time.")]
        return "\n".join([*lines, f"{_PREFIX}start_time_seconds {self._started:.3f}", ""])

    def _counters(self) -> Iterator[str]:
        yield from _head("requests_total", "counter", "Requests by door and status.")
        for (door, status), count in sorted(self._requests.copy().items()):
            yield f'{_PREFIX}requests_total{{door="{door}",status="{status}"}} {count}'
        yield from _head(
            "messages_total", "counter", "Messages that the broker acknowledged, by the code of rejection."
        )
        for code, count in sorted(self._messages.copy().items()):
            yield f'{_PREFIX}messages_total{{code="{code}"}} {count}'

    def _histogram(self) -> Iterator[str]:
        yield from _head("request_seconds", "histogram", "From the head of a request to its answer.")
        count = 0
        for bound, in_bucket in zip((*BOUNDS_SECONDS, "+Inf"), self._seconds.copy(), strict=True):
            count += in_bucket
            yield f'{_PREFIX}request_seconds_bucket{{le="{bound}"}} {count}'
        yield f"{_PREFIX}request_seconds_sum {self._seconds_sum:.6f}"
        yield f"{_PREFIX}request_seconds_count {count}"


def _head(name: str, kind: str, what: str) -> list[str]:
    return [f"# HELP {_PREFIX}{name} {what}", f"# TYPE {_PREFIX}{name} {kind}"]
