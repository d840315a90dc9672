"""The import command against a small collector of the test's own, over real HTTP."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from stack.imports.command import import_command
from stack.imports.sending import Pace

HEADER = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
KEY = "wk1.s.k1.shop.1.0123"


class Listener:
    """Keeps what is posted; `answers` are given first, then 200."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict]] = []
        self.answers: list[tuple[int, dict[str, str], dict]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                listener.requests.append((self.path, self.headers["authorization"], body))
                status, headers, content = listener.answers.pop(0) if listener.answers else (200, {}, {"success": True})
                data = json.dumps(content).encode()
                self.send_response(status)
                for name, value in (headers | {"content-length": str(len(data))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def messages(self) -> list[dict]:
        return [message for _, _, body in self.requests for message in body["batch"]]


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "shop.csv"
    rows = [f"2019-10-01 00:00:{n % 60:02d} UTC,view,{n},9,shoes,,1.50,u{n % 7},s{n % 7}" for n in range(1_200)]
    file.write_text("\n".join([HEADER, *rows, ""]))
    return file


def run(file, listener, *options):
    arguments = ["--mapping", "rees46", "--key", KEY, "--url", listener.url, *options, str(file)]
    return CliRunner().invoke(import_command, arguments)


def test_every_row_is_sent_once_and_in_order(file, listener):
    result = run(file, listener)
    assert result.exit_code == 0, result.output
    assert [message["properties"]["product_id"] for message in listener.messages()] == [str(n) for n in range(1_200)]
    assert result.stdout.startswith("1,200 messages in 3 requests")
    assert "1,200 Product Viewed" in result.stdout
    assert len(result.output.splitlines()) == 1


def test_the_key_travels_as_basic_authorization(file, listener):
    run(file, listener)
    path, authorization, body = listener.requests[0]
    assert path == "/v1/batch"
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{KEY}:"
    assert "sentAt" not in body


def test_a_collector_that_is_away_is_waited_for(file, listener):
    listener.answers = [(503, {"retry-after": "0"}, {}), (429, {}, {}), (200, {}, {}), (503, {"retry-after": "1"}, {})]
    result = run(file, listener)
    assert result.exit_code == 0, result.output
    assert len(listener.requests) == 6
    assert len({message["messageId"] for message in listener.messages()}) == 1_200
    assert "3 sent again" in result.stdout


@pytest.mark.parametrize("status", [400, 401, 413])
def test_a_refusal_stops_the_import_with_its_reason(file, listener, status):
    listener.answers = [(status, {}, {"error": {"code": "bad_key", "message": "The signature does not fit."}})]
    result = run(file, listener)
    assert result.exit_code == 1
    assert "The signature does not fit." in result.output
    assert len(listener.requests) == 1


def test_a_page_key_is_refused_before_anything_is_sent(file, listener):
    result = CliRunner().invoke(import_command, ["--mapping", "rees46", "--key", "wk1.p.k1.shop.1.01", str(file)])
    assert result.exit_code == 1
    assert "server key" in result.output


def test_a_row_that_does_not_fit_is_named_with_its_line(tmp_path, listener):
    file = tmp_path / "shop.csv"
    file.write_text(f"{HEADER}\n2019-10-01 00:00:00 UTC,gift,1,9,shoes,,1.50,u,s\n")
    result = run(file, listener)
    assert result.exit_code == 1
    assert "Line 2" in result.output


def test_a_rate_that_is_none_is_refused(file, listener):
    assert run(file, listener, "--rate", "fast").exit_code == 2


def test_a_pace_spreads_messages_over_time():
    now = [100.0]
    pace = Pace(50.0, lambda: now[0])
    assert pace.seconds_to_wait(100) == 0
    assert pace.seconds_to_wait(100) == pytest.approx(2)
    now[0] = 110
    assert pace.seconds_to_wait(10) == 0
    assert Pace(None).seconds_to_wait(10**9) == 0
