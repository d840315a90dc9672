"""The process of the streams as it runs in a stack, on a real broker and a real database."""

import os
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pymongo import MongoClient

from contracts.names import Collection
from contracts.settings import Settings
from report_app import create_app
from stack.addresses import free_ports
from stack.parts import front
from stack.topics import create_topics
from tests.conftest import running
from tests.report_app.conftest import KEY_SECRETS, SECRET
from tests.report_app.documents import merchant
from tests.report_app.live.pages import Visitors


@contextmanager
def live_process(settings, folder):
    """Settings of a running `live-1`, and its log."""
    chosen = replace(settings, live_port=free_ports(1, in_a_row=2)[0])
    program = next(program for program in front.programs(chosen) if program.name == "live-1")
    names = ("mongo_uri", "database", "app_secret", "key_secrets", "kafka_bootstrap")
    names += ("live_streams", "live_streams_per_user", "live_check_seconds", "webhook_private_addresses")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}
    own = {f"FOOTFALL_{name.upper()}": str(getattr(chosen, name)) for name in names}
    log = folder / f"live-{chosen.live_port}.log"
    command = ["env", *(f"{name}={value}" for name, value in (clean | own).items()), *program.command]
    with running(command, log, program.is_well):
        yield chosen, log


@pytest.fixture(scope="session")
def live_settings(mongo, kafka_broker):
    settings = Settings(
        mongo_uri=mongo, database="app_live", app_secret=SECRET, key_secrets=KEY_SECRETS, kafka_bootstrap=kafka_broker
    )
    create_topics(settings)
    return settings


@pytest.fixture(scope="session")
def live(live_settings, tmp_path_factory):
    """One that looks at sessions at each message, and in between never during a test."""
    with live_process(replace(live_settings, live_streams_per_user=3), tmp_path_factory.mktemp("live")) as process:
        yield process


@pytest.fixture(scope="session")
def live_database(live_settings):
    client = MongoClient(live_settings.mongo_uri, tz_aware=True)
    database = client[live_settings.database]
    shops = [merchant(), merchant(_id="other", name="Other")]
    database[Collection.MERCHANTS].insert_many(shops)
    yield database
    client.drop_database(live_settings.database)
    client.close()


@pytest.fixture
def visitors(live_settings, live_database):
    """Users of the shops, each test's its own."""
    return Visitors(create_app(live_settings), live_database)
