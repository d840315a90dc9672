"""What a 2xx promises when the broker or the collector goes away: nothing lost, nothing promised falsely."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest

from tests.collector.running import (
    RunningCollector,
    key_of,
    make_topic,
    new_merchant,
    running_collector,
    until,
)
from tests.collector.senders import Senders, found_ids

DELIVERY_SECONDS = 3


def connections_to(collector: RunningCollector) -> int:
    port = urlsplit(collector.url).port
    return sum(link.laddr.port == port and link.status == "ESTABLISHED" for link in psutil.net_connections("tcp"))


@pytest.fixture
def collector_of_its_own(own_broker, tmp_path) -> Iterator[RunningCollector]:
    make_topic(own_broker.bootstrap)
    settings = {"FOOTFALL_DELIVERY_TIMEOUT_SECONDS": str(DELIVERY_SECONDS)}
    with running_collector(own_broker.bootstrap, tmp_path, **settings) as running:
        until(running.is_ready)
        yield running


@pytest.mark.parametrize(
    ("outage_seconds", "answers"), [(5, 3_000), pytest.param(30, 10_000, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_without_a_broker_there_is_a_503_and_afterwards_all_is_well(
    own_broker, collector_of_its_own, merchant, outage_seconds, answers
):
    collector = collector_of_its_own
    with Senders(collector, merchant, count=32) as senders:
        until(lambda: len(senders.statuses) > answers // 2, 60)
        own_broker.stop()
        stopped = time.monotonic()
        until(lambda: 503 in senders.statuses)
        assert not collector.is_ready()
        assert collector.is_alive()
        until(lambda: time.monotonic() > stopped + outage_seconds, outage_seconds + 1)
        assert senders.statuses[-len(senders) :] == [503] * len(senders)
        own_broker.start()
        until(lambda: len(senders.statuses) > answers and senders.statuses[-1] == 200, 60)
    assert set(senders.statuses) == {200, 503} and senders.broken == []
    assert senders.acknowledged <= set(found_ids(own_broker.bootstrap, merchant))


def test_a_killed_broker_loses_nothing_acknowledged(own_broker, collector_of_its_own, merchant):
    with Senders(collector_of_its_own, merchant) as senders:
        until(lambda: len(senders.acknowledged) > 100)
        own_broker.kill()
        own_broker.start()
        before = len(senders.acknowledged)
        until(lambda: len(senders.acknowledged) > before + 100, 40)
    assert senders.acknowledged <= set(found_ids(own_broker.bootstrap, merchant))


def test_a_collector_that_starts_before_its_broker_waits_for_it(own_broker, tmp_path, merchant):
    make_topic(own_broker.bootstrap)
    own_broker.stop()
    settings = {"FOOTFALL_DELIVERY_TIMEOUT_SECONDS": str(DELIVERY_SECONDS)}
    with running_collector(own_broker.bootstrap, tmp_path, **settings) as collector:
        answer = collector.post("/v1/track", {"event": "x"}, auth=(key_of(merchant), ""))
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        own_broker.start()
        until(lambda: collector.post("/v1/track", {"event": "y"}, auth=(key_of(merchant), "")).ok, 30)


def test_sigterm_answers_what_is_under_way_and_stops(kafka_broker, tmp_path, merchant):
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path) as collector, Senders(collector, merchant) as senders:
        until(lambda: len(senders.acknowledged) > 100)
        collector.terminate()
        assert collector.process.wait(20) == 0
        stopped_with = set(senders.acknowledged)
    assert set(senders.statuses) <= {200, 503}
    assert senders.acknowledged <= set(found_ids(kafka_broker, merchant)) and stopped_with
    assert collector.log_lines()[-1]["level"] == "info"


def test_sigterm_without_a_broker_ends_with_503s_in_time(own_broker, collector_of_its_own):
    collector = collector_of_its_own
    own_broker.stop()
    with ThreadPoolExecutor(4) as pool:
        key = key_of(new_merchant())
        answers = [pool.submit(collector.post, "/v1/track", {"event": "x"}, auth=(key, "")) for _ in range(4)]
        until(lambda: connections_to(collector) == len(answers))
        collector.terminate()
        assert {answer.result().status_code for answer in answers} == {503}
    assert collector.process.wait(DELIVERY_SECONDS + 5) == 0
