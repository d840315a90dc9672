"""Fixtures of the collector's tests: one collector for all that do not harm it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.own_broker import OwnBroker
from tests.collector.running import RunningCollector, make_topic, new_merchant, running_collector, until


@pytest.fixture(scope="session")
def collector(kafka_broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path_factory.mktemp("collector")) as running:
        until(running.is_ready)
        yield running


@pytest.fixture
def merchant() -> str:
    return new_merchant()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[OwnBroker]:
    folder = tmp_path / "kafka"
    folder.mkdir()
    broker = OwnBroker(folder)
    broker.start()
    yield broker
    broker.kill()
