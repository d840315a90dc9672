"""What a collector counts, for Prometheus. Labels name doors, statuses and codes: never shops, keys or people."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX = "footfall_collector_"


class Metrics:
    """Of one process, since it began; `registry` holds them and what the operating system says of the process."""

    def __init__(self) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        about = "Requests by door and status."
        self._requests = Counter(f"{_PREFIX}requests", about, ("door", "status"), registry=self.registry)
        about = "Messages that the broker acknowledged, by the code of rejection."
        self._messages = Counter(f"{_PREFIX}messages", about, ("code",), registry=self.registry)
        about = "From the head of a request to its answer."
        self._seconds = Histogram(f"{_PREFIX}request_seconds", about, registry=self.registry, buckets=BOUNDS_SECONDS)

    def answered(self, door: str, status: int, seconds: float) -> None:
        self._requests.labels(door, status).inc()
        self._seconds.observe(seconds)

    def stored(self, code: str | None) -> None:
        """A message that the broker acknowledged; `code` says why it is rejected, if it is."""
        self._messages.labels(code or "none").inc()

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        """A figure that is read whenever it is asked for, from any thread."""
        Gauge(_PREFIX + name, about, registry=self.registry).set_function(read)
