"""An open page in a real browser, behind the stack's own NGINX."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.serving import make_server

from contracts.names import Collection
from report_app import create_app
from stack.addresses import free_ports
from stack.parts import nginx
from stack.parts.program import answers
from tests.conftest import running
from tests.loops import beside
from tests.report_app.documents import NOW, PASSWORD, Archive, commit_batch, merchant
from tests.report_app.live.arriving import arrive, done_batch
from tests.report_app.live.conftest import live_process
from tests.report_app.live.pages import publish_batch

HOUR = NOW.replace(minute=0, second=0)


@pytest.fixture
def site(live_settings, live_database, tmp_path):
    """Settings of NGINX before one report app and one process of streams, and a way to end that process."""
    if nginx.program() is None:
        pytest.skip("NGINX is not installed")
    app_port = free_ports(1, in_a_row=2)[0]
    urls = [f"http://127.0.0.1:{port}" for port in free_ports(2)]
    wanted = replace(
        live_settings, data=tmp_path, app_port=app_port, public_collector_url=urls[0], public_app_url=urls[1]
    )
    server = make_server("127.0.0.1", app_port, create_app(wanted, now=lambda: NOW), threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with ExitStack() as streams:
        settings, _ = streams.enter_context(live_process(wanted, tmp_path))
        nginx.write_configuration(settings)
        command = nginx.programs(settings)[0].command
        with running(command, tmp_path / "nginx.log", lambda: answers(f"{urls[1]}/health")):
            yield settings, streams.close
    server.shutdown()
    serving.join()


@pytest.fixture
def page(site, browser, visitors, live_database):
    """The overview of today, signed in and listening."""
    Archive(live_database).hours(HOUR, ["a"], page_views=1)
    context = browser.new_context(base_url=site[0].public_app_url)
    page = context.new_page()
    page.clock.install()
    page.goto("/sign-in?next=/shops/nordlicht/%3Frange%3Dtoday")
    page.get_by_label("E-mail address").fill(visitors.user("nordlicht"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_function("() => isHeard")
    page.evaluate("window.isStillTheSamePage = true")
    yield page
    context.close()


def wait_for_views(page, number, milliseconds):
    shown = "number => document.querySelector('#page_views .value').innerText === number"
    page.wait_for_function(shown, arg=str(number), timeout=milliseconds)
    assert page.evaluate("window.isStillTheSamePage"), "the page was loaded again"


def test_a_number_changes_on_an_open_page_and_goes_on_to_when_streams_are_gone(site, live_database, page):
    settings, end_streams = site
    archive = Archive(live_database)
    assert page.locator("#page_views .value").inner_text() == "1"
    archive.hours(HOUR, ["a"], page_views=3)
    commit_batch(live_database, NOW, 51)
    publish_batch(settings, "nordlicht", 51)
    wait_for_views(page, 3, 5_000)

    archive.hours(HOUR, ["a", "b"], page_views=8)
    publish_batch(settings, "nordlicht", 52)
    wait_for_views(page, 8, 5_000)

    end_streams()
    page.wait_for_function("() => !isHeard")
    archive.hours(HOUR - timedelta(hours=1), ["c"], page_views=2)
    page.clock.fast_forward(20_000)
    wait_for_views(page, 10, 5_000)


def test_messages_are_watched_as_they_arrive(site, browser, visitors, live_database, kafka_broker):
    """On a phone, by keyboard, with content that would like to run."""
    address, complaints = site[0].public_app_url, []
    live_database[Collection.MERCHANTS].replace_one({"_id": "quiet"}, merchant(_id="quiet"), upsert=True)
    context = browser.new_context(base_url=address, viewport={"width": 360, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/sign-in?next=/shops/quiet/arrivals")
    page.get_by_label("E-mail address").fill(visitors.user("quiet"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Following.").wait_for()
    assert page.get_by_text("No message has arrived in the last hour.").is_visible()

    name = '<img src=x onerror="window.hasRun = true">'
    content = {"event": name, "properties": {"long": "x" * 3_000, "price": "y" * 3_000}}
    place = beside(arrive, kafka_broker, content, "quiet")
    row = page.locator("li.arrival", has_text=name)
    row.get_by_text("Received").wait_for()
    assert not page.get_by_text("No message has arrived").is_visible()
    assert page.locator("li.arrival img").count() == 0 and not page.evaluate("window.hasRun")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    assert row.get_by_text("3000 characters").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    entry = done_batch(kafka_broker, place, 91, datetime.now(UTC) - timedelta(minutes=1))
    mark = {"caught_up_at": datetime.now(UTC)}
    live_database[Collection.PLATFORM].replace_one({"_id": "watermark_of_errors"}, mark, upsert=True)
    live_database[Collection.BATCHES].insert_one(entry)
    row.get_by_text("Counted").wait_for()
    assert row.locator("details").evaluate("details => details.open"), "what is read stays open"
    assert complaints == []
    context.close()
