"""The real, unmodified `@segment/analytics-next` in Chromium: every event is in the topic, once, also of a page that was left."""

import json
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlencode

import pytest

from tests.clients import install
from tests.collector.running import envelopes, key_of, until

TRACKS = 25
SENT = Counter({("track", number): 1 for number in range(TRACKS)}) + Counter(
    {(kind, None): 1 for kind in ("page", "screen", "identify", "group", "alias")}
)
PAGE = install.HERE / "browser" / "page.html"


class Site(SimpleHTTPRequestHandler):
    """The library's own files, and the page that loads it, on an origin of their own."""

    def translate_path(self, path: str) -> str:
        return str(PAGE) if path.startswith("/page.html") else super().translate_path(path)

    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""


@pytest.fixture(scope="module")
def site():
    if not install.is_installed():
        pytest.skip(install.why_not())
    library = install.folder() / "node" / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(library)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def sent_by(kafka: str, merchant: str) -> Counter:
    messages = [json.loads(envelope["message"]) for envelope in envelopes(kafka, merchant)]
    return Counter((message["type"], message.get("properties", {}).get("number")) for message in messages)


LONG, SHORT = "60000", "300"
"""Milliseconds that a batch waits: until the page is left, or not."""


@pytest.mark.parametrize(
    ("strategy", "is_left"),
    [({}, False), ({"batching": SHORT}, False), ({"batching": LONG}, True)],
    ids=["standard", "batching", "left"],
)
def test_every_event_is_there_once(collector, merchant, site, page, strategy, is_left):
    words = {"collector": collector.url, "key": key_of(merchant), "count": str(TRACKS), **strategy}
    page.goto(f"{site}?{urlencode(words)}")
    page.wait_for_function("document.title === 'called'")
    if is_left:
        page.goto("about:blank")
    until(
        lambda: sent_by(collector.kafka, merchant) == SENT, pause=lambda seconds: page.wait_for_timeout(seconds * 1_000)
    )
    found = envelopes(collector.kafka, merchant)
    assert [envelope["reject"] for envelope in found if envelope["reject"]] == []
    assert {envelope["source"]["door"] == "v1/batch" for envelope in found} == {bool(strategy)}
    assert len({envelope["message_id"] for envelope in found}) == len(found)
