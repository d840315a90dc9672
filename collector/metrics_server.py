"""`/metrics` on a port of its own, which no proxy shows to the world; a thread serves it, so that a busy loop still tells."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socket import AF_INET, AF_INET6
from socketserver import ThreadingTCPServer
from threading import Thread

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SLOW_SECONDS = 5


class MetricsServer(ThreadingTCPServer):
    """`HTTPServer` would ask the name service for its own name before it answers."""

    allow_reuse_address = True
    # a worker that follows another one serves beside it until that has stopped
    allow_reuse_port = True
    daemon_threads = True

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), _Handler, bind_and_activate=False)
        self.text = text
        self._thread = Thread(target=self.serve_forever, name="metrics", daemon=True)

    def open(self) -> None:
        """Raises OSError where the address cannot be had."""
        self.server_bind()
        self.server_activate()
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = _SLOW_SECONDS

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        body = self.server.text().encode()
        self.send_response(200)
        self.send_header("content-type", _CONTENT_TYPE)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A look at the figures is no event."""
