"""SIGHUP: secrets are read anew; nobody who sends notices."""

import json
import re
import signal

import pytest
import requests

from contracts.keys import KeyKind, WriteKey, sign_key
from tests.collector.connections import connected
from tests.collector.running import SECRETS, envelopes, free_port, key_of, make_topic, running_collector, until
from tests.collector.senders import Senders, found_ids

NEW = {"t2": b"\x07" * 32}
OLD_SECRETS = f"t1:{SECRETS['t1'].hex()}"
EVENT = {"type": "track", "event": "x"}


@pytest.fixture
def secrets(tmp_path):
    file = tmp_path / "secrets"
    file.write_text(OLD_SECRETS)
    return file


@pytest.fixture
def reloading(kafka_broker, tmp_path, secrets):
    make_topic(kafka_broker)
    settings = {"FOOTFALL_KEY_SECRETS_FILE": str(secrets), "FOOTFALL_COLLECTOR_METRICS_PORT": str(free_port())}
    with running_collector(kafka_broker, tmp_path, **settings) as collector:
        until(collector.is_ready)
        yield collector, f"http://127.0.0.1:{settings['FOOTFALL_COLLECTOR_METRICS_PORT']}/metrics"


def heard(collector, event):
    return any(line["event"] == event for line in collector.log_lines())


def test_a_reload_takes_new_secrets_and_turns_nobody_away(reloading, secrets, merchant):
    collector, metrics = reloading
    other = f"{merchant}-2"
    new_key = sign_key(WriteKey(KeyKind.PAGE, "t2", other, 1), NEW)
    assert collector.post("/v1/track", EVENT, auth=(new_key, "")).status_code == 401
    with Senders(collector, merchant) as senders:
        until(lambda: len(senders.acknowledged) > 100)
        secrets.write_text(f"t2:{NEW['t2'].hex()},{OLD_SECRETS}")
        collector.process.send_signal(signal.SIGHUP)
        until(lambda: heard(collector, "stopped"), 40)
        before = len(senders.acknowledged)
        until(lambda: len(senders.acknowledged) > before + 100)
    assert set(senders.statuses) == {200}
    assert senders.broken == []
    assert senders.acknowledged <= set(found_ids(collector.kafka, merchant))
    assert collector.post("/v1/track", EVENT, auth=(new_key, "")).status_code == 200
    assert collector.post("/v1/track", EVENT, auth=(key_of(merchant), "")).status_code == 200
    assert len(envelopes(collector.kafka, other)) == 1
    found = requests.get(metrics, timeout=10).text
    counted = re.search(r'^footfall_collector_messages_total\{code="none"\} (\S+)$', found, re.MULTILINE)
    assert float(counted[1]) >= len(senders.acknowledged), "the figures go on"
    assert "footfall_collector_queued_messages 0.0" in found


def test_a_body_that_comes_after_the_reload_is_taken(reloading, merchant):
    collector, _ = reloading
    body = json.dumps(EVENT)
    with connected(collector) as client:
        client.send(
            f"POST /v1/track?writeKey={key_of(merchant)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n",
            body[:5],
        )
        assert collector.is_ready()
        collector.process.send_signal(signal.SIGHUP)
        until(lambda: heard(collector, "stopped"))
        client.send(body[5:])
        assert client.hear().status == 200
    assert len(envelopes(collector.kafka, merchant)) == 1


def test_settings_that_do_not_hold_change_nothing(reloading, secrets, merchant):
    collector, _ = reloading
    secrets.write_text("t2:no hexadecimal")
    collector.process.send_signal(signal.SIGHUP)
    until(lambda: heard(collector, "not_reloaded"))
    assert collector.post("/v1/track", EVENT, auth=(key_of(merchant), "")).status_code == 200
    (line,) = [line for line in collector.log_lines() if line["event"] == "not_reloaded"]
    assert "FOOTFALL_KEY_SECRETS" in line["why"] and line["level"] == "error"
    assert not heard(collector, "stopped") and collector.process.poll() is None
