"""Fixtures of the collector's tests: one collector for all that do not harm it."""

from collections.abc import Iterator

import pytest

from tests.collector.running import RunningCollector, make_topic, new_merchant, running_collector


@pytest.fixture(scope="session")
def collector(kafka_broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    make_topic(kafka_broker)
    with running_collector(kafka_broker, tmp_path_factory.mktemp("collector")) as running:
        yield running


@pytest.fixture
def merchant() -> str:
    return new_merchant()
