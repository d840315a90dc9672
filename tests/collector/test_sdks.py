"""The real, unmodified SDKs against the running collector: every event they send is in the topic, once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from contracts.keys import KeyKind
from tests.clients import install
from tests.collector.running import envelopes, key_of

TRACKS = 45
SENT = Counter(
    {("track", f"u-{number}"): 1 for number in range(TRACKS)}
    | {(kind, f"u-{kind}"): 1 for kind in ("identify", "page", "screen", "group", "alias")}
)


@pytest.fixture(scope="session")
def clients() -> Path:
    """Where they are; in CI a test that is skipped is one that failed."""
    if not install.is_installed():
        pytest.skip(install.why_not())
    return install.folder()


def run(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def assert_all_are_there_once(kafka: str, merchant: str) -> None:
    found = envelopes(kafka, merchant)
    assert [envelope["reject"] for envelope in found if envelope["reject"]] == []
    messages = [json.loads(envelope["message"]) for envelope in found]
    assert Counter((message["type"], message["userId"]) for message in messages) == SENT
    assert {message["properties"]["name"] for message in messages if message["type"] == "track"} == {"Tee, grün"}
    assert len({envelope["message_id"] for envelope in found}) == len(found)
    assert {envelope["key_kind"] for envelope in found} == {"server"} and all(envelope["sent_at"] for envelope in found)


@pytest.mark.parametrize("packing", ["plain", "gzip"])
@pytest.mark.parametrize("sdk", ["segment", "rudderstack"])
def test_python(collector, merchant, clients, sdk, packing):
    script = install.HERE / "python" / "send.py"
    key = key_of(merchant, KeyKind.SERVER)
    command = [sys.executable, script, f"{sdk}.analytics", collector.url, key, str(TRACKS), packing]
    run(command, PYTHONPATH=str(clients / "python"))
    assert_all_are_there_once(collector.kafka, merchant)


@pytest.mark.parametrize("sdk", ["@segment/analytics-node", "analytics-node", "@rudderstack/rudder-sdk-node"])
def test_node(collector, merchant, clients, sdk):
    script = install.HERE / "node" / "send.cjs"
    node = Path(sys.executable).with_name("node")
    command = [node, script, sdk, collector.url, key_of(merchant, KeyKind.SERVER), str(TRACKS)]
    run(command, NODE_PATH=str(clients / "node" / "node_modules"))
    assert_all_are_there_once(collector.kafka, merchant)
