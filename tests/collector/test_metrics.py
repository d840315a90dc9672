"""Figures of a running collector, as Prometheus reads them."""

import re

import pytest
import requests
from prometheus_client import generate_latest

from collector.metrics import BOUNDS_SECONDS, Metrics
from tests.collector.running import free_port, key_of, running_collector, until

LINE = re.compile(r'(?:footfall_collector|process)_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


@pytest.fixture(scope="module")
def counted(collector, tmp_path_factory):
    """(a collector of its own, where its figures are)"""
    port = free_port()
    folder = tmp_path_factory.mktemp("counted")
    with running_collector(collector.kafka, folder, FOOTFALL_COLLECTOR_METRICS_PORT=str(port)) as running:
        until(running.is_ready)
        yield running, f"http://127.0.0.1:{port}"


def figures(url):
    answer = requests.get(f"{url}/metrics", timeout=10)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {
        name.removeprefix("footfall_collector_"): float(value) for name, value in (row.rsplit(" ", 1) for row in lines)
    }


def test_requests_and_messages_are_counted(counted, merchant):
    collector, url = counted
    auth = (key_of(merchant), "")
    members = [{"type": "track", "event": "x"}, 3, {"type": "page"}]
    assert collector.post("/v1/batch", {"batch": members}, auth=auth).ok
    assert collector.post("/v1/b", b"no JSON", auth=auth).status_code == 400
    assert collector.post("/v1/track", {"event": "x"}, auth=("wrong", "")).status_code == 401
    assert requests.get(f"{collector.url}/v1/{merchant}", timeout=10).status_code == 404
    found = figures(url)
    assert found['requests_total{door="v1/batch",status="200"}'] == 1
    assert found['requests_total{door="v1/batch",status="400"}'] == 1
    assert found['requests_total{door="v1/track",status="401"}'] == 1
    assert found['requests_total{door="other",status="404"}'] == 1
    codes = {code: found[f'messages_total{{code="{code}"}}'] for code in ("none", "not_an_object", "bad_json")}
    assert codes == {"none": 2, "not_an_object": 1, "bad_json": 1}
    assert found['request_seconds_bucket{le="+Inf"}'] == found["request_seconds_count"] >= 4
    assert found["process_start_time_seconds"] > 0
    assert (found["queued_messages"], found["held_bytes"], found["revocations_read"]) == (0, 0, 1)


def test_figures_name_no_shop_and_are_not_shown_to_the_world(counted, merchant):
    collector, url = counted
    collector.post("/v1/track", {"event": "x"}, auth=(key_of(merchant), ""))
    assert merchant not in requests.get(f"{url}/metrics", timeout=10).text
    assert requests.get(f"{collector.url}/metrics", timeout=10).status_code == 404
    assert requests.get(f"{url}/", timeout=10).status_code == 404


def test_a_request_falls_in_the_bucket_of_its_time():
    metrics = Metrics()
    for seconds in (0.0, BOUNDS_SECONDS[0], 0.3, 99.0):
        metrics.answered("v1/track", 200, seconds)
    text = generate_latest(metrics.registry).decode()
    counts = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "_bucket" in line]
    assert counts[0] == 2 and counts[BOUNDS_SECONDS.index(0.5)] == 3 and counts[-2:] == [3, 4]
    assert "footfall_collector_request_seconds_sum 99.301" in text
