"""`/metrics` on a port of its own, which no proxy shows to the world; a thread serves it, so that a busy loop still tells."""

from socket import AF_INET, AF_INET6
from socketserver import ThreadingTCPServer
from threading import Thread

from prometheus_client import CollectorRegistry, MetricsHandler

_SLOW_SECONDS = 5


class MetricsServer(ThreadingTCPServer):
    """The library's own server would ask the name service for its name before it answers, and could not be followed by
    another worker on the same port.
    """

    allow_reuse_address = True
    # a worker that follows another one serves beside it until that has stopped
    allow_reuse_port = True
    daemon_threads = True

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), _Handler.factory(registry), bind_and_activate=False)
        self._thread = Thread(target=self.serve_forever, name="metrics", daemon=True)

    def open(self) -> None:
        """Raises OSError where the address cannot be had."""
        self.server_bind()
        self.server_activate()
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(MetricsHandler):
    timeout = _SLOW_SECONDS

    def do_GET(self) -> None:
        if self.path.partition("?")[0] == "/metrics":
            super().do_GET()
        else:
            self.send_error(404)
