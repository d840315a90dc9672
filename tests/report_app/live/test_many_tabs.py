"""Many open pages in one process: all hear, and the process goes on answering."""

import asyncio
import time
from dataclasses import replace

import psutil
import pytest
import requests

from stack.parts.program import answers
from tests.loops import told
from tests.report_app.live.conftest import live_process
from tests.report_app.live.pages import Visitors, open_page, say_ready

PER_USER = 20


@pytest.mark.parametrize("tabs", [200, pytest.param(1_000, marks=pytest.mark.long)])
def test_many_open_pages_pin_nothing(live_settings, visitors: Visitors, tmp_path, tabs):
    users = [visitors.user("nordlicht") for _ in range(5)]
    cookies = [visitors.sign_in(email)[1] for email in users]
    most = replace(live_settings, live_streams_per_user=tabs // len(users))
    with live_process(most, tmp_path) as (settings, _):
        url = f"http://127.0.0.1:{settings.live_port}/health"
        before = usage(settings)

        async def story():
            opened = time.monotonic()
            pages = [await open_page(settings.live_port, "nordlicht", cookies[number % 5]) for number in range(tabs)]
            seconds = time.monotonic() - opened
            assert {page.status for page in pages} == {200}
            began, cpu = time.monotonic(), usage(settings)[1]
            hearing = [asyncio.create_task(page.event(30)) for page in pages]
            await say_ready(settings, "nordlicht", 1)
            answered = await asyncio.to_thread(slowest, url, 20)
            heard = await asyncio.gather(*hearing)
            fan_out = time.monotonic() - began
            assert {name for name, _ in heard} == {"ready"}
            assert answered < 2
            memory, cpu_after = usage(settings)
            print(
                f"{tabs} pages: opened in {seconds:.1f} s, all heard in {fan_out:.2f} s and {cpu_after - cpu:.2f} CPU-s, "
                f"slowest /health {answered * 1000:.0f} ms, "
                f"{(memory - before[0]) / tabs / 1024:.1f} KB a page on {before[0] / 2**20:.0f} MB"
            )
            for page in pages:
                page.leave()

        told(story())


def slowest(url, times):
    """Seconds of the slowest of so many answers, one after the other."""
    taken = []
    for _ in range(times):
        assert answers(url)
        taken.append(requests.get(url, timeout=5).elapsed.total_seconds())
    return max(taken)


def usage(settings):
    """(bytes, CPU seconds) of the process that serves."""
    lines = [(one, " ".join(one.info["cmdline"] or [])) for one in psutil.process_iter(["cmdline"])]
    workers = [one for one, line in lines if f":{settings.live_port} " in line and "worker" in line]
    assert len(workers) == 1, [line for _, line in lines if "granian" in line]
    return workers[0].memory_info().rss, sum(workers[0].cpu_times()[:2])
