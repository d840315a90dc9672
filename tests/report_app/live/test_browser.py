"""An open page in a real browser, behind the stack's own NGINX."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.serving import make_server

from report_app import create_app
from stack.addresses import free_ports
from stack.parts import nginx
from stack.parts.program import answers
from tests.conftest import running
from tests.report_app.documents import NOW, PASSWORD, Archive, commit_batch
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
