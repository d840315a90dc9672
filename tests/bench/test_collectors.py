"""The comparison of collectors: what wrk says, which round counts, what holds, and rivals that are not installed."""

import base64
import json

import pytest

from bench.collectors import Measured, aims_table, best, collectors_table
from bench.load import Load, parsed, write_requests
from bench.rivals.servers import FASTAPI, FLASK, FLOOR, FORGETTING, NGINX, OURS, why_no_nginx

PRINTED = """Running 5s test @ http://127.0.0.1:4000
  1 threads and 256 connections
  75000 requests in 5.00s, 13.83MB read
Requests/sec:  15000.00
{"requests": 75000, "failed": 3, "microseconds": 5000000, "p50": 16100, "p99": 23400}
"""


def measured(name: str, size: int = 1, per_second: int = 1_000, cpu_us: float = 50.0, p99_ms: float = 20.0) -> Measured:
    return Measured(name, size, Load(per_second * 5, 0, 5.0, 10.0, p99_ms), cpu_us)


def test_what_wrk_printed_is_read():
    load = parsed(PRINTED)
    assert load == Load(75_000, 3, 5.0, 16.1, 23.4) and load.per_second == 15_000
    assert Measured(OURS, 10, load, 16.04).row() == [OURS, "10", "15,000", "150,000", "16.0", "16.1 ms", "23.4 ms", "3"]
    assert len(collectors_table().columns) == 8


def test_requests_take_turns_with_keys(tmp_path):
    write_requests(tmp_path / "requests", ["a", "b"], [{"n": 1}, {"n": 2}, {"n": 3}])
    rows = [line.split("\t") for line in (tmp_path / "requests").read_text().splitlines()]
    assert [base64.b64decode(user) for user, _ in rows] == [b"a:", b"b:", b"a:"]
    assert [json.loads(body)["n"] for _, body in rows] == [1, 2, 3]


def test_the_round_with_more_requests_counts():
    rounds = [measured(OURS, per_second=number, cpu_us=1 / number) for number in (900, 1_100, 1_000)]
    assert best(rounds) == {(OURS, 1): rounds[1]}


@pytest.mark.parametrize(
    ("per_second", "p99_ms", "batch_us", "holds"),
    [(9_000, 24.9, 9.9, ["yes"] * 5), (8_000, 25.1, 10.1, ["no"] * 5)],
)
def test_aims_hold_or_not(per_second, p99_ms, batch_us, holds):
    found = [
        measured(OURS, per_second=per_second, p99_ms=p99_ms),
        measured(OURS, size=10, cpu_us=batch_us),
        measured(FORGETTING, per_second=10_000),
        measured(FASTAPI, per_second=2_900),
        measured(FLASK, per_second=890),
        measured(NGINX, size=10, cpu_us=10.0),
    ]
    assert [row[2] for row in aims_table(best(found)).rows] == holds


def test_aims_need_no_rival():
    found = best([measured(OURS), measured(OURS, size=10), measured(FORGETTING)])
    assert len(aims_table(found).rows) == 2


def test_the_most_there_can_be_is_said_beside_the_aims():
    found = [measured(OURS), measured(OURS, size=10), measured(FORGETTING), measured(FLASK, per_second=100)]
    assert FLOOR not in aims_table(best(found)).how
    assert f"{FLOOR} are 12.5 × {FLASK}" in aims_table(best([*found, measured(FLOOR, per_second=1_250)])).how


def test_what_nginx_lacks_is_named(tmp_path):
    missing = "libnginx-mod-http-lua, lua-nginx-kafka, lua-cjson not installed"
    assert why_no_nginx(tmp_path, tmp_path).removeprefix("nginx, ") == missing
