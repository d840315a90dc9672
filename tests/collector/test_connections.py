"""HTTP/1.1 as clients really speak it: in pieces, ahead, with odd wishes. What was sent is taken once and answered in its order."""

import json
import re
from functools import partial

import psutil
import pytest

from collector.body import BODY_BYTES
from collector.serving.connection import REQUESTS_AHEAD
from collector.serving.reader import HEAD_BYTES
from tests.collector.connections import connected
from tests.collector.running import envelopes, figure, free_port, key_of, running_collector, until

MANY_BYTES = 200 * 1024 * 1024
HEALTH = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def watched(collector, tmp_path_factory):
    """A collector of its own, and a function that reads one of its figures."""
    port = free_port()
    folder = tmp_path_factory.mktemp("watched")
    with running_collector(collector.kafka, folder, FOOTFALL_COLLECTOR_METRICS_PORT=str(port)) as running:
        until(running.is_ready)
        yield running, partial(figure, port)


def track(merchant, name="m", *, headers="", version="1.1", body=None):
    body = body if body is not None else json.dumps({"event": "x", "messageId": name})
    return f"POST /v1/track?writeKey={key_of(merchant)} HTTP/{version}\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"


def ids(collector, merchant):
    return sorted(envelope["message_id"] for envelope in envelopes(collector.kafka, merchant))


def test_byte_by_byte(collector, merchant):
    with connected(collector) as client:
        for number in range(2):
            for byte in track(merchant, f"m-{number}").encode():
                client.send(bytes([byte]))
            assert client.hear().status == 200
    assert ids(collector, merchant) == ["m-0", "m-1"]


def test_requests_that_are_sent_ahead_are_answered_in_their_order(collector, merchant):
    count = REQUESTS_AHEAD
    with connected(collector) as client:
        client.send(*(HEALTH + track(merchant, f"m-{number}") for number in range(count // 2)))
        for _ in range(count // 2):
            assert client.hear("GET").body == b'{"alive":true}'
            assert client.hear().body == b'{"success":true}'
        client.send(HEALTH)
        assert client.hear("GET").status == 200
    assert ids(collector, merchant) == sorted(f"m-{number}" for number in range(count // 2))


def test_who_sends_too_far_ahead_is_hung_up_on_behind_the_last_answer(collector, merchant):
    sent = [f"m-{number}" for number in range(REQUESTS_AHEAD * 3)]
    with connected(collector) as client:
        client.send(*(track(merchant, name) for name in sent))
        answers = [client.hear()]
        while answers[-1].headers.get("connection") != "close":
            answers.append(client.hear())
        assert client.is_ended()
    assert {answer.status for answer in answers} == {200} and len(answers) >= REQUESTS_AHEAD
    assert ids(collector, merchant) == sorted(sent[: len(answers)])


def test_chunks(collector, merchant):
    body = json.dumps({"event": "x", "messageId": "m"})
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (body[:5], body[5:]))
    head = f"POST /v1/track?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(collector) as client:
        client.send(head, chunks, "0\r\nSome-Trailer: x\r\n\r\n", HEALTH)
        assert (client.hear().status, client.hear("GET").status) == (200, 200)
    assert ids(collector, merchant) == ["m"]


@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_wish_for_http_2_is_left_alone_and_the_body_taken(collector, merchant, is_at_once):
    wish = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    with connected(collector) as client:
        text = track(merchant, "m", headers=wish)
        head, _, body = text.partition("\r\n\r\n")
        for part in [text] if is_at_once else [head + "\r\n\r\n", body]:
            client.send(part)
        assert client.hear().status == 200
        client.send(HEALTH)
        assert client.hear("GET").status == 200
    assert ids(collector, merchant) == ["m"]


def test_who_asks_before_the_body_is_told(collector, merchant):
    asks = "Expect: 100-continue\r\n"
    with connected(collector) as client:
        head, _, body = track(merchant, "m", headers=asks).partition("\r\n\r\n")
        client.send(head, "\r\n\r\n")
        assert [client.hear_line(), client.hear_line()] == [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
        client.send(body)
        assert client.hear().status == 200
    with connected(collector) as client:
        client.send(head.replace(key_of(merchant), "wrong").replace("/v1/track", "/g/collect"), "\r\n\r\n")
        answer = client.hear()
        assert (answer.status, answer.headers["connection"]) == (401, "close")
    assert ids(collector, merchant) == ["m"]


def test_a_key_that_is_not_valid_is_not_let_send_a_long_body(collector):
    head = "POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Basic d3Jvbmc6\r\nContent-Length: 400000\r\n\r\n"
    with connected(collector) as client:
        client.send(head)
        assert client.hear().status == 401
        client.send(b"x" * 400_000)
        assert client.is_ended()


def test_who_sends_too_much_hears_why_while_still_sending(watched, merchant):
    collector, figure = watched
    rest = 8 * BODY_BYTES
    head = f"POST /v1/batch?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nContent-Length: {2 * BODY_BYTES + rest}\r\n\r\n"
    with connected(collector) as client:
        client.send(head, b"x" * 2 * BODY_BYTES)
        answer = client.hear()
        assert (answer.status, json.loads(answer.body)["code"]) == (413, "too_large")
        assert answer.headers["connection"] == "close" and client.is_ended()
        client.send(b"x" * rest)
    assert len(ids(collector, merchant)) == 1
    assert figure("held_bytes") == 0


def test_a_body_that_is_too_large_and_all_there_does_not_end_the_connection(collector, merchant):
    with connected(collector) as client:
        client.send(track(merchant, body="x" * (BODY_BYTES + 1)), HEALTH)
        assert (client.hear().status, client.hear("GET").status) == (413, 200)


@pytest.mark.parametrize(
    ("version", "headers"), [("1.0", ""), ("1.0", "Connection: keep-alive\r\n"), ("1.1", "Connection: close\r\n")]
)
def test_who_does_not_stay_is_told_that_the_connection_ends(collector, merchant, version, headers):
    with connected(collector) as client:
        client.send(track(merchant, headers=headers, version=version))
        answer = client.hear()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert client.is_ended()


def test_who_says_that_nothing_more_will_come_is_answered(collector, merchant):
    with connected(collector) as client:
        client.send(track(merchant, "m-1"), track(merchant, "m-2"))
        client.link.shutdown(1)
        assert (client.hear().status, client.hear().status) == (200, 200)
        assert client.is_ended()
    assert ids(collector, merchant) == ["m-1", "m-2"]


def test_answers_without_a_body(collector):
    with connected(collector) as client:
        client.send(HEALTH.replace("GET", "HEAD"), "OPTIONS /v1/b HTTP/1.1\r\nHost: x\r\n\r\n", HEALTH)
        head, preflight, got = client.hear("HEAD"), client.hear("OPTIONS"), client.hear("GET")
    assert (head.status, head.headers["content-length"]) == (200, str(len(got.body)))
    assert preflight.status == 204 and "content-length" not in preflight.headers
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got.headers["date"])


def test_a_whole_address_in_the_first_line(collector):
    with connected(collector) as client:
        client.send(HEALTH.replace("/health", f"{collector.url}/health"))
        assert client.hear("GET").body == b'{"alive":true}'


def test_addresses_of_a_list_in_two_lines_are_one_list(collector, merchant):
    headers = "X-Forwarded-For: 203.0.113.77\r\nX-Forwarded-For: 198.51.100.9\r\n"
    with connected(collector) as client:
        client.send(track(merchant, headers=headers))
        assert client.hear().status == 200
    assert envelopes(collector.kafka, merchant)[0]["ip"] == "198.51.100.0"


SMUGGLED = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "text",
    [
        f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: {len(SMUGGLED)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
        f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}",
        f"POST /v1/track HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n{SMUGGLED}",
        f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n{SMUGGLED}",
        "GET /health HTTP/1.1\nHost: x\n\n",
        "CONNECT shop.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/caf\xe9 HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /v1/track HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["two lengths", "twice", "unknown", "space", "lines", "connect", "latin", "tls", "http2", "chunk"],
)
def test_what_can_be_read_in_two_ways_or_none_is_refused_and_the_connection_ended(watched, text):
    collector, figure = watched
    with connected(collector) as client:
        client.send(text.encode("latin-1"))
        answer = client.hear()
        assert answer.status in (400, 401) and answer.headers["connection"] == "close"
        assert client.is_ended()
    assert figure("held_bytes") == 0
    assert not [line for line in collector.log_lines() if line["level"] == "error"]


def test_a_head_without_end_is_not_read_on(collector):
    with connected(collector) as client:
        client.send("GET /health HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(OSError):
            for number in range(10 * HEAD_BYTES // 1_000):
                client.send(f"X-{number}: {'x' * 990}\r\n")
                if number * 1_000 > HEAD_BYTES and client.link.recv(1, 0x40 | 0x02):
                    raise OSError
        answer = client.hear("GET")
        assert (answer.status, json.loads(answer.body)["code"]) == (431, "head_too_large")


def test_a_client_that_asks_and_does_not_listen_fills_no_memory(watched):
    collector, _ = watched
    process = psutil.Process(collector.process.pid)
    before = process.memory_info().rss
    with connected(collector) as client:
        client.link.settimeout(2)
        sent, asked = 0, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 40
        with pytest.raises((TimeoutError, ConnectionError)):
            while sent < MANY_BYTES:
                sent += client.link.send(asked)
        assert collector.is_alive()
    assert process.memory_info().rss - before < MANY_BYTES / 8


def test_a_client_that_goes_leaves_nothing_behind(watched, merchant):
    collector, figure = watched
    with connected(collector) as client:
        client.send(track(merchant, "m-1"), track(merchant, "m-2", body="x" * 900)[:-10])
        assert client.hear().status == 200
        assert figure("held_bytes") == 900
    until(lambda: figure("held_bytes") == 0)
    until(lambda: figure("connections") == 0)
    assert ids(collector, merchant) == ["m-1"]
