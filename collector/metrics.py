"""What a collector counts, for Prometheus. Labels name doors, statuses and codes: never shops, keys or people."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX = "footfall_collector_"


class Metrics(Collector):
    """Of one process, since it began; `registry` holds them and what the operating system says of the process.

    The event loop counts, in plain numbers; `collect` reads them when Prometheus asks, on another thread.
    """

    def __init__(self) -> None:
        self._requests: dict[tuple[str, int], int] = {}
        self._messages: dict[str, int] = {}
        self._in_bucket = [0] * (len(BOUNDS_SECONDS) + 1)
        self._seconds = 0.0
        self._gauges: dict[str, Gauge] = {}
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def answered(self, door: str, status: int, seconds: float) -> None:
        place = (door, status)
        self._requests[place] = self._requests.get(place, 0) + 1
        self._in_bucket[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self._seconds += seconds

    def stored(self, code: str | None, count: int = 1) -> None:
        """Messages that the broker acknowledged; `code` says why they are rejected, if they are."""
        code = code or "none"
        self._messages[code] = self._messages.get(code, 0) + count

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(f"{_PREFIX}requests", "Requests by door and status.", labels=("door", "status"))
        for (door, status), count in self._requests.copy().items():
            requests.add_metric((door, str(status)), count)
        yield requests
        about = "Messages that the broker acknowledged, by the code of rejection."
        messages = CounterMetricFamily(f"{_PREFIX}messages", about, labels=("code",))
        for code, count in self._messages.copy().items():
            messages.add_metric((code,), count)
        yield messages
        names = [*map(str, BOUNDS_SECONDS), "+Inf"]
        buckets = list(zip(names, accumulate(self._in_bucket), strict=True))
        about = "From the head of a request to its answer."
        yield HistogramMetricFamily(f"{_PREFIX}request_seconds", about, buckets=buckets, sum_value=self._seconds)

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        """A figure that is read whenever it is asked for, from any thread; said again, it is read from elsewhere."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(_PREFIX + name, about, registry=self.registry)
        self._gauges[name].set_function(read)
