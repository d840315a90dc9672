"""Fixtures of the collector's tests: one collector for all that do not harm it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from stack.accounts import create_shop
from stack.database import prepare_database
from tests.collector.own_broker import OwnBroker, running_own_broker
from tests.collector.running import RunningCollector, make_topic, new_merchant, running_collector, until
from tests.databases import own_database


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
def database(mongo: str) -> Iterator[Database[dict[str, Any]]]:
    with own_database(mongo, "keys") as database:
        prepare_database(database)
        yield database


@pytest.fixture
def shop(database: Database[dict[str, Any]], merchant: str) -> str:
    """The merchant as a shop that an operator made."""
    create_shop(database, merchant, "Lamps", "Europe/Berlin", "EUR")
    return merchant


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with running_own_broker(tmp_path) as broker:
        yield broker
