"""What outlives a reload of the settings: figures, and the memory that waits for answers."""

import gc

from collector.body import Waiting
from collector.metrics import Metrics
from collector.metrics_server import MetricsServer
from contracts.settings import Settings

_ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000


class Process:
    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self.waiting = Waiting()
        self.metrics.gauge("held_bytes", "Bytes of bodies that wait for their answer.", lambda: self.waiting.held_bytes)
        port = settings.collector_metrics_port
        self._figures = MetricsServer(settings.collector_host, port, self.metrics.registry) if port else None

    def open(self) -> None:
        """Raises OSError where the address of the figures cannot be had."""
        _collect_garbage_less_often()
        if self._figures:
            self._figures.open()

    def close(self) -> None:
        if self._figures:
            self._figures.close()


def _collect_garbage_less_often() -> None:
    """What is there at the start stays; of the requests that are under way hardly anything is garbage in a circle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
