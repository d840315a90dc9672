"""`kill -9` of the collector under load: what was answered with 2xx is in the topic, and this test would see if it was not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.collector.own_broker import OwnBroker
from tests.collector.running import figure, free_port, make_topic, new_merchant, running_collector, until
from tests.collector.senders import Senders, found_ids

BATCH, SENDERS = 20, 8
UNDER_WAY = BATCH * SENDERS // 2


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """One for all kills of this module."""
    broker = OwnBroker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    make_topic(broker.bootstrap)
    yield broker
    broker.kill()


@pytest.fixture
def killed(broker, tmp_path) -> Callable[[str], set[str]]:
    return lambda module: lost_by_a_kill(broker, tmp_path, module)


def lost_by_a_kill(broker: OwnBroker, folder: Path, module: str) -> set[str]:
    """Ids that got a 2xx and are not in the topic. The broker stands still at the kill, so that something is under way."""
    merchant, port = new_merchant(), free_port()
    settings = {"FOOTFALL_COLLECTOR_METRICS_PORT": str(port)}
    with running_collector(broker.bootstrap, folder, module, **settings) as collector:
        until(collector.is_ready)
        with Senders(collector, merchant, SENDERS, BATCH) as senders:
            until(lambda: len(senders.acknowledged) > 1_000)
            broker.pause()
            try:
                until(lambda: figure(port, "queued_messages") >= UNDER_WAY)
                collector.kill()
                collector.process.wait(10)
            finally:
                broker.resume()
    assert set(senders.statuses) == {200} and senders.broken
    return senders.acknowledged - set(found_ids(broker.bootstrap, merchant))


@pytest.mark.parametrize(
    "number", [*range(3), *(pytest.param(number, marks=pytest.mark.long) for number in range(3, 20))]
)
def test_what_was_acknowledged_is_in_the_topic(killed, number):
    assert killed("collector") == set()


def test_without_waiting_for_the_broker_messages_are_lost(killed):
    assert len(killed("tests.collector.fire_and_forget")) >= BATCH
