"""How the server begins, is full, fails, stops: nobody is promised anything falsely, and nobody waits for nothing."""

import asyncio
import json
import logging
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from http.client import HTTPException
from types import SimpleNamespace

import pytest
import requests

from collector.answers import ACCEPTED
from collector.log import logger
from collector.serving.connection import UNREAD_BYTES, Connection
from tests.collector.connections import connected
from tests.collector.few_files import FILES
from tests.collector.running import ROOT, envelopes, environment, key_of, make_topic, running_collector, until
from tests.loops import told

HEALTH = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
SENT = "jon@example.com"
PARTED = json.dumps({"event": "x", "messageId": "m"})


@pytest.fixture
def own_collector(kafka_broker, tmp_path):
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path) as collector:
        until(collector.is_ready)
        yield collector


def head(merchant):
    return f"POST /v1/track?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PARTED)}\r\n\r\n"


def test_a_port_that_is_taken_is_named(collector):
    port = int(collector.url.rpartition(":")[2])
    ended = subprocess.run(
        [sys.executable, "-m", "collector"],
        check=False,
        cwd=ROOT,
        env=environment(collector.kafka, port),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    assert "The collector does not start" in ended.stderr and str(port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_one_connection_too_many_is_told_so(kafka_broker, tmp_path):
    """As many are kept as the system lets the process have open files: here few."""
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path, "tests.collector.few_files") as collector:
        with ExitStack() as links:
            clients = [links.enter_context(connected(collector)) for _ in range(FILES)]
            statuses = [status_of(client) for client in clients]
            # those that are kept are served on
            assert statuses[0] == status_of(clients[0]) == 200
        assert statuses.count(200) >= FILES // 8 and 503 in statuses
        assert until(collector.is_alive)


def test_what_all_clients_send_ahead_is_bounded(tmp_path):
    """Without a broker it takes two seconds to say that it is not ready; what came behind the question waits so long."""
    ahead = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 6_000
    with running_collector("127.0.0.1:1", tmp_path) as collector, ExitStack() as links:
        clients = [links.enter_context(connected(collector)) for _ in range(UNREAD_BYTES // len(ahead) * 2)]
        for client in clients:
            client.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        # all of it is read once another one's request has been answered
        assert collector.is_alive()
        for client in clients:
            with suppress(OSError):
                client.send(ahead)
        statuses = [ready_of(client) for client in clients]
        assert 503 in statuses and None in statuses
        # half a million questions were taken, and are answered first
        assert requests.get(f"{collector.url}/health", timeout=60).ok


def ready_of(client):
    """None where the client was hung up on."""
    try:
        return client.hear("GET").status
    except (OSError, HTTPException):
        return None


def status_of(client):
    """None where the answer came before the request was read: then the connection may break first."""
    try:
        client.send(HEALTH)
        answer = client.hear("GET")
    except (OSError, HTTPException):
        return None
    assert answer.status == 200 or answer.headers["retry-after"]
    return answer.status


def test_what_is_on_its_way_at_the_end_is_answered_and_what_is_silent_ended(own_collector, merchant):
    with connected(own_collector) as silent, connected(own_collector) as slow, connected(own_collector) as kept:
        kept.send(HEALTH)
        assert kept.hear("GET").headers.get("connection") is None
        slow.send(head(merchant), PARTED[:5])
        # it has come once another one's request has been answered
        assert own_collector.is_ready()
        own_collector.terminate()
        began = time.monotonic()
        slow.send(PARTED[5:])
        answer = slow.hear()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert silent.is_ended() and kept.is_ended()
        assert own_collector.process.wait(10) == 0
    assert time.monotonic() - began < 8
    assert [envelope["message_id"] for envelope in envelopes(own_collector.kafka, merchant)] == ["m"]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{own_collector.url}/health", timeout=5)


def serving_of(app):
    return SimpleNamespace(
        app=app, now=0.0, patience=5.0, date_line=b"", is_draining=False, unread_bytes=0, connections=set()
    )


class Failing:
    """An app with a bug where nothing catches it."""

    def head(self, _):
        raise ValueError(SENT)

    def lost(self, _): ...


def test_a_bug_is_answered_with_503_and_logged_without_what_was_sent(monkeypatch, caplog):
    monkeypatch.setattr(logger, "propagate", True)

    async def story():
        loop = asyncio.get_running_loop()
        serving = serving_of(Failing())
        server = await loop.create_server(lambda: Connection(serving), "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /k/secret HTTP/1.1\r\nHost: x\r\n\r\n")
        said = await reader.read()
        writer.close()
        server.close()
        return said

    with caplog.at_level(logging.ERROR):
        said = told(story())
    assert said.startswith(b"HTTP/1.1 503 ") and b"connection: close" in said
    (record,) = caplog.records
    line = str(record.__dict__)
    assert "ValueError" in line and "test_serving.py" in line
    assert SENT not in line and "secret" not in line


class Slow:
    """An app that answers when it is told to."""

    def __init__(self):
        self.taken = []

    def head(self, _):
        return None

    def take(self, request):
        self.taken.append(request)

    def lost(self, _): ...


class Unread(asyncio.Transport):
    """Where nobody reads what is written."""

    def write(self, _): ...

    def pause_reading(self): ...

    def resume_reading(self): ...


def test_what_comes_between_an_answer_and_the_next_request_waits_behind_it():
    async def story():
        app = Slow()
        connection = Connection(serving_of(app))
        connection.connection_made(Unread())
        first, second, third = (f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for name in "abc")
        connection.data_received(first + second + third[:9])
        app.taken[0].answer(ACCEPTED)
        connection.data_received(third[9:])
        for number in (1, 2):
            await asyncio.sleep(0)
            app.taken[number].answer(ACCEPTED)
        return [request.path for request in app.taken]

    assert told(story()) == ["/a", "/b", "/c"]
