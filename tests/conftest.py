"""Real engines for all tests: a broker, a database, and a whole stack of the tests' own, each on free ports."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

from contracts.settings import Settings
from outgoing.posting import Poster
from stack.addresses import free_ports
from stack.jars import fetch_jars
from stack.parts import kafka
from stack.parts import mongo as mongod
from stack.waiting import wait_until
from tests.outgoing.receiver import Authority, Receiver
from tests.running_stack import whole_stack

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".footfall"
CHROMIUM = Path("/usr/bin/chromium")


FIRST = ("road", "spark_jobs")
"""The folders that take longest, so that they begin first."""


def pytest_collection_modifyitems(items):
    folders = [folder_of(item.nodeid) for item in items]
    ranks = {
        item: FIRST.index(folder) if folder in FIRST else len(FIRST)
        for item, folder in zip(items, folders, strict=True)
    }
    items.sort(key=ranks.get)


class FolderScheduling(LoadScopeScheduling):
    """A folder's tests stay on one worker: a stack, a broker and a Spark each start once."""

    def _split_scope(self, nodeid):
        return folder_of(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return FolderScheduling(config, log)


def folder_of(nodeid):
    """`road` of `tests/road/test_kills.py::test_…`"""
    return nodeid.split("/")[1]


def pytest_sessionfinish(session, exitstatus):
    """On a machine that installs every optional program, a test that was skipped is one that failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{skipped} skipped: nothing may be skipped here (CI is set).", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@contextmanager
def running(command, log, is_well, timeout_seconds=60):
    """The process of `command` once it is well; ended afterwards. Its last lines are in the failure if it is not."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: process.poll() is not None or is_well(), timeout_seconds)
        assert process.poll() is None and is_well(), f"{command[0]} is not well:\n{log.read_text()[-3000:]}"
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_broker(folder):
    """Bootstrap address of a broker of its own."""
    fetch_jars(HOME)
    port, controller_port = free_ports(2)
    settings = Settings(
        home=HOME, data=folder, kafka_bootstrap=f"127.0.0.1:{port}", kafka_controller_port=controller_port
    )
    kafka.write_configuration(settings)
    subprocess.run(kafka.format_command(settings), check=True, capture_output=True, timeout=60)
    with running(kafka.run_command(settings), folder / "kafka.log", lambda: kafka.is_answering(settings)):
        yield settings.kafka_bootstrap


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory):
    """Bootstrap address of a broker that tests share."""
    with running_broker(tmp_path_factory.mktemp("broker")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory):
    """Bootstrap address of a broker without topics, for the tests of one module."""
    with running_broker(tmp_path_factory.mktemp("own-broker")) as bootstrap:
        yield bootstrap


@contextmanager
def running_mongod(folder, uri):
    """A replica set of one that answers at `uri` and can be written to."""
    command = mongod.run_command(folder, uri, log_megabytes=64)
    with running(command, folder / "mongod.log", lambda: mongod.is_answering(uri)):
        mongod.initiate(uri)
        assert wait_until(lambda: mongod.is_writable(uri), 30), "the replica set elected nobody"
        yield


@pytest.fixture(scope="session")
def mongo(tmp_path_factory):
    """URI of a replica set of one."""
    uri = f"mongodb://127.0.0.1:{free_ports(1)[0]}/?replicaSet={mongod.REPLICA_SET}"
    with running_mongod(tmp_path_factory.mktemp("mongo"), uri):
        yield uri


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Makes certificates that nobody trusts but tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority):
    """Somebody's https server at `localhost`."""
    found = Receiver(authority.server_side("localhost"))
    yield found
    found.close()


@pytest.fixture
def poster(authority):
    return Poster(authority.client_side(), seconds=5, may_be_private=True)


@pytest.fixture(scope="session")
def browser():
    """Chromium, one for all tests: Playwright cannot be started twice."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield found
        found.close()


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory):
    """The whole stack, with its settings and the environment of its programs."""
    with whole_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
