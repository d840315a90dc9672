"""Broken requests by the thousand: no 5xx, no crash, no growing memory, and what was answered is what is in the topic."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlsplit

import psutil
import pytest

from collector.body import BODY_BYTES
from collector.other_doors import OTHER_DOORS, without_prefix
from tests.collector.mutations import Sent, golden_requests, mutated
from tests.collector.running import RunningCollector, envelopes, key_of, make_topic, running_collector, until

CLIENTS = 4
WARM, GROWTH_BYTES = 0.4, 32 * 1024 * 1024
"""The share of requests after which memory may no longer grow by more than this."""
BY_ADDRESS = {door.name for door in OTHER_DOORS.values() if door.sends_by_get}
"""Doors that also take an event by its address. The picture that answers does not say how many messages came of it."""
STATUSES = {200, 204, 400, 401, 403, 404, 405, 413, 431}


@pytest.fixture(scope="module")
def fuzzed(kafka_broker, tmp_path_factory):
    """A collector of its own, whose memory is its own."""
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path_factory.mktemp("fuzzed")) as collector:
        until(collector.is_ready)
        yield collector


class Client:
    """Sends mutated requests of one seed; keeps what was answered."""

    def __init__(self, collector: RunningCollector, golden: list[Sent], seed: int) -> None:
        self._address = urlsplit(collector.url).netloc
        self._golden = golden
        self._random = Random(seed)
        self.statuses: Counter[int] = Counter()
        self.stored: Counter[str] = Counter()
        self.unheard = 0
        self.odd: list[str] = []

    def send(self, count: int) -> None:
        connection = HTTPConnection(self._address, timeout=60)
        for _ in range(count):
            self._send(connection, mutated(self._golden, self._random))
        connection.close()

    def _send(self, connection: HTTPConnection, sent: Sent) -> None:
        try:
            # a body that is refused before it was read whole breaks the pipe, with the answer behind it
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(sent.method, sent.path, sent.body, sent.headers)
            answer = connection.getresponse()
            self._note(sent, answer.status, answer.read())
            if answer.status != 200 or sent.method != "POST":
                # the collector hangs up on a body that it did not read
                connection.close()
        except (ConnectionError, HTTPException):
            assert len(sent.body) > BODY_BYTES, sent
            self.unheard += 1
            connection.close()

    def _note(self, sent: Sent, status: int, body: bytes) -> None:
        self.statuses[status] += 1
        if status not in STATUSES:
            self.odd.append(f"{status} {body[:200]!r}: {sent}")
        path = sent.path.partition("?")[0]
        door = OTHER_DOORS.get(without_prefix(path)[0])
        is_unproven = door is not None and door.proves is not None and status != 200
        if (sent.method == "POST" or "/pixel/" in path) and path != "/v1/m" and not is_unproven:
            self.stored[door.name if door else "sdk"] += _stored(status, body)


def _stored(status: int, body: bytes) -> int:
    """How many messages an answer says are kept."""
    if status == 200 and body.startswith(b"{"):
        content = json.loads(body)
        return content["accepted"] + len(content["rejected"]) if "accepted" in content else 1
    return 1 if status == 200 or (status in (400, 413) and body.startswith(b"{")) else 0


def messages_in_topic(kafka: str, merchant: str) -> Counter[str]:
    """By door; those of SDKs together."""
    doors = (envelope["source"]["door"].partition("/")[0] for envelope in envelopes(kafka, merchant))
    return Counter("sdk" if door in ("v1", "beacon") else door for door in doors)


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_broken_requests(fuzzed, merchant, count):
    golden = golden_requests(key_of(merchant))
    clients = [Client(fuzzed, golden, seed) for seed in range(CLIENTS)]
    process = psutil.Process(fuzzed.process.pid)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda client: client.send(int(count * WARM) // CLIENTS), clients))
        warm = process.memory_info().rss
        list(pool.map(lambda client: client.send(int(count * (1 - WARM)) // CLIENTS), clients))
    assert [odd for client in clients for odd in client.odd][:3] == []
    assert [line for line in fuzzed.log_lines() if line["level"] in ("error", "critical")][:3] == []
    unheard, stored = sum(client.unheard for client in clients), sum((c.stored for c in clients), Counter())
    found = messages_in_topic(fuzzed.kafka, merchant)
    assert unheard < count / 100 and stored <= found
    unknown = found - stored
    assert sum(unknown[door] for door in unknown.keys() - BY_ADDRESS) <= unheard
    assert process.is_running() and process.memory_info().rss - warm < GROWTH_BYTES
    statuses = sum((client.statuses for client in clients), Counter())
    assert all(statuses[status] > count / 500 for status in (200, 400, 401, 413)), statuses
