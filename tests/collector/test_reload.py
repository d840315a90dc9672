"""SIGHUP: a new worker reads the secrets anew and takes over; nobody who sends notices."""

import signal

import pytest
import requests

from contracts.keys import KeyKind, WriteKey, sign_key
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
    assert len(senders.broken) <= len(senders), "more was cut off than one connection a client"
    assert senders.acknowledged <= set(found_ids(collector.kafka, merchant))
    assert collector.post("/v1/track", EVENT, auth=(new_key, "")).status_code == 200
    assert collector.post("/v1/track", EVENT, auth=(key_of(merchant), "")).status_code == 200
    assert len(envelopes(collector.kafka, other)) == 1
    assert requests.get(metrics, timeout=10).ok


def test_settings_that_do_not_hold_change_nothing(reloading, secrets, merchant):
    collector, _ = reloading
    secrets.write_text("t2:no hexadecimal")
    collector.process.send_signal(signal.SIGHUP)
    until(lambda: heard(collector, "not_reloaded"))
    assert collector.post("/v1/track", EVENT, auth=(key_of(merchant), "")).status_code == 200
    (line,) = [line for line in collector.log_lines() if line["event"] == "not_reloaded"]
    assert "FOOTFALL_KEY_SECRETS" in line["why"] and line["level"] == "error"
    assert not heard(collector, "stopped") and collector.process.poll() is None
