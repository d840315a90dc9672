"""Rates by key and by address, and clients that are slow on purpose."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from collector.answers import Refused
from collector.rates import BURST_SECONDS, REMEMBERED, Rate
from collector.sender import addresses
from contracts.keys import KeyKind
from tests.collector.running import envelopes, key_of, new_merchant, running_collector, until

KEY_RATE, ADDRESS_RATE, SLOW_SECONDS = 2, 3, 1.0
MEMBER = {"type": "track", "event": "x"}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def refused_for(rate, sender, count=1):
    with pytest.raises(Refused) as refused:
        rate.take(sender, count)
    assert refused.value.answer.status == 429
    return int(dict(refused.value.answer.headers)["retry-after"])


def test_a_bucket_empties_and_fills():
    rate = Rate(5, clock := Clock())
    for _ in range(5 * BURST_SECONDS):
        rate.take("a")
    assert refused_for(rate, "a") == 1
    rate.take("b")
    clock.now += 1
    for _ in range(5):
        rate.take("a")
    refused_for(rate, "a")


def test_a_large_batch_is_taken_whole_and_waited_off():
    rate = Rate(10, clock := Clock())
    rate.take("a", 2_500)
    wait = refused_for(rate, "a")
    assert wait == 231
    clock.now += wait - 1
    refused_for(rate, "a")
    clock.now += 1
    rate.take("a")


def test_no_rate_is_no_limit():
    rate = Rate(0)
    for _ in range(1_000):
        rate.take("a", 1_000_000)


def test_the_memory_of_senders_is_bounded():
    rate = Rate(1, Clock())
    for number in range(REMEMBERED + 100):
        rate.take(number)
    assert len(rate._buckets) == REMEMBERED


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("8.8.8.8", None, "8.8.8.8"),
        ("8.8.8.8", "9.9.9.9", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", None, None),
        ("10.1.2.3", None, None),
        ("2a00:1450:4001:831::200e", None, "2a00:1450:4001:831::/64"),
        ("nobody", None, None),
    ],
)
def test_whose_requests_are_counted(client, forwarded, address):
    assert addresses(client, forwarded).limited == address


@pytest.fixture(scope="module")
def strict(collector, tmp_path_factory):
    """A collector with low limits."""
    settings = {
        "FOOTFALL_KEY_MESSAGES_PER_SECOND": str(KEY_RATE),
        "FOOTFALL_ADDRESS_REQUESTS_PER_SECOND": str(ADDRESS_RATE),
        "FOOTFALL_SLOW_CLIENT_SECONDS": str(SLOW_SECONDS),
    }
    with running_collector(collector.kafka, tmp_path_factory.mktemp("strict"), **settings) as running:
        until(running.is_ready)
        yield running


def assert_too_many(answer):
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-expose-headers"] == "retry-after"


def test_a_key_that_sends_too_much_is_told_when_to_come_back(strict, merchant):
    def send(count, kind=KeyKind.SERVER, shop=merchant):
        return strict.post("/v1/batch", {"batch": [MEMBER] * count}, auth=(key_of(shop, kind), ""))

    assert send(KEY_RATE * BURST_SECONDS + 10).status_code == 200
    assert_too_many(send(1))
    in_body = strict.post("/v1/batch", {"batch": [MEMBER], "writeKey": key_of(merchant, KeyKind.SERVER)})
    assert_too_many(in_body)
    assert send(1, KeyKind.PAGE).status_code == 200
    assert send(1, shop=new_merchant()).status_code == 200
    assert len(envelopes(strict.kafka, merchant)) == KEY_RATE * BURST_SECONDS + 11


def test_what_becomes_too_many_messages_counts_as_all_that_there_may_be(strict, merchant):
    items = "&".join(f"pr{number}=idP" for number in range(1, 900))
    door = f"/k/{key_of(merchant)}/g/collect"
    answer = strict.post(door, "\n".join([f"en=view_item&{items}"] * 4))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    again = strict.post(door, "en=scroll")
    assert_too_many(again)
    assert int(again.headers["retry-after"]) > 2_000 / KEY_RATE
    assert len(envelopes(strict.kafka, merchant)) == 1


def test_what_is_only_looked_at_counts_too(strict, merchant):
    door, events = f"/debug/mp/collect?api_secret={key_of(merchant)}", [{"name": "search"}]
    assert strict.post(door, {"events": events * (KEY_RATE * BURST_SECONDS + 10)}).status_code == 200
    assert_too_many(strict.post(door, {"events": events}))


def test_an_address_that_asks_too_often_is_told_when_to_come_back(strict):
    def knock(address):
        return strict.post("/v1/track", MEMBER, auth=("wrong", ""), headers={"x-forwarded-for": address})

    answers = [knock("8.8.8.8") for _ in range(ADDRESS_RATE * BURST_SECONDS + 20)]
    assert answers[0].status_code == 401
    assert_too_many(answers[-1])
    assert knock("9.9.9.9").status_code == 401
    assert strict.post("/v1/track", MEMBER, auth=("wrong", "")).status_code == 401


def sent_slowly(collector, text):
    """All that the collector says to a client that sends `text` and then waits for it to hang up."""
    address = urlsplit(collector.url)
    with socket.create_connection((address.hostname, address.port), timeout=SLOW_SECONDS + 10) as client:
        client.sendall(text.encode())
        said = b""
        while part := client.recv(4_096):
            said += part
    return said.decode()


def test_a_body_that_does_not_come_is_not_waited_for(strict, merchant):
    head = f"POST /v1/track?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    said = sent_slowly(strict, head + '{"event":')
    assert said.startswith("HTTP/1.1 408") and "retry-after" in said.lower()
    assert json.loads(said.partition("\r\n\r\n")[2])["code"] == "too_slow"
    assert envelopes(strict.kafka, merchant) == []


def test_a_client_that_hangs_up_is_no_failure(strict, merchant):
    head = f"POST /v1/track?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    address = urlsplit(strict.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as client:
        client.sendall(head.encode() + b'{"event":')
    assert strict.post("/v1/track", MEMBER, auth=(key_of(merchant), "")).ok
    assert "request_failed" not in [line["event"] for line in strict.log_lines()]
    assert len(envelopes(strict.kafka, merchant)) == 1


@pytest.mark.parametrize(
    "beginning",
    ["", "PO", "POST /v1/track HTTP/1.1\r\nHost:", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ids=["nothing", "letters", "half", "HTTP/2"],
)
def test_a_head_that_does_not_come_is_not_waited_for(strict, beginning):
    assert not sent_slowly(strict, beginning).startswith("HTTP/1.1 2")


def test_a_connection_that_is_kept_and_not_used_is_ended(strict):
    said = sent_slowly(strict, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.startswith("HTTP/1.1 200") and said.endswith('{"alive":true}')
