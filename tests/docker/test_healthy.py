"""The health check of the containers, against a server that answers as Airflow does."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

PROGRAM = Path(__file__).parents[2] / "docker" / "healthy.py"
HEALTH = {"scheduler": {"status": "healthy"}, "triggerer": {"status": "unhealthy"}}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(json.dumps(HEALTH).encode())

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "component", "status"),
    [
        ("/health", [], 0),
        ("/health", ["scheduler"], 0),
        ("/health", ["triggerer"], 1),
        ("/health", ["dag_processor"], 1),
        ("/ready", [], 1),
    ],
)
def test_exit_status(address, path, component, status):
    done = subprocess.run([sys.executable, PROGRAM, address + path, *component], check=False, capture_output=True)
    assert done.returncode == status


def test_nobody_answers(address):
    gone = address.rsplit(":", 1)[0] + ":9"
    assert subprocess.run([sys.executable, PROGRAM, gone], check=False, capture_output=True).returncode == 1
