"""Write keys on the running stack: renewed and revoked by command, through NGINX and at each collector; what is counted of it."""

import re

import pytest
import requests
from click.testing import CliRunner

from contracts.names import Collection
from stack.commands import main
from stack.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.long]
WHO = ("--by", "anna@lamps.example")


@pytest.fixture(scope="module")
def shop(road):
    return road.new_shop("keys")


def footfall(road, *words):
    done = CliRunner().invoke(main, words, env=road.stack.environment)
    assert done.exit_code == 0, done.output
    return done.output


def collectors(road):
    settings = road.settings
    return [
        settings.public_collector_url,
        *(f"http://127.0.0.1:{settings.collector_port + number}" for number in (0, 1)),
    ]


def status(address, key):
    message = {"event": "Newsletter Read", "anonymousId": "v-1"}
    return requests.post(f"{address}/v1/track", json=message, auth=(key, ""), timeout=20).status_code


def refused(road, number):
    """How often a collector says that it answered 401."""
    text = requests.get(f"http://127.0.0.1:{road.settings.collector_metrics_port + number}/metrics", timeout=10).text
    found = re.search(r'requests_total\{door="v1/track",status="401"\} (\d+)', text)
    return int(found[1]) if found else 0


def test_old_keys_end_everywhere(road, shop):
    old = [*re.findall(r"wk1\.[ps]\.\S+", footfall(road, "keys", "renew", shop.merchant, *WHO))]
    new = [*re.findall(r"wk1\.[ps]\.\S+", footfall(road, "keys", "renew", shop.merchant, *WHO))]
    assert all(status(address, key) == 200 for address in collectors(road) for key in old + new)
    before = [refused(road, number) for number in (0, 1)]
    footfall(road, "keys", "revoke", shop.merchant, *WHO)
    assert wait_until(lambda: all(status(address, key) == 401 for address in collectors(road) for key in old), 10)
    assert all(status(address, key) == 200 for address in collectors(road) for key in new)
    assert all(refused(road, number) > count for number, count in enumerate(before))
    actions = [entry["action"] for entry in road.database[Collection.AUDIT].find({"merchant": shop.merchant})]
    assert sorted(actions) == ["keys_renewed", "keys_renewed", "keys_revoked"]
    footfall(road, "restart", "collector-1")
    assert [status(collectors(road)[1], key) for key in (*old, *new)] == [401, 401, 200, 200]
