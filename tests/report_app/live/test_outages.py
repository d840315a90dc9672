"""The broker dies and comes back, and the topic is made anew: an open page hears what follows."""

import asyncio
from dataclasses import replace

import pytest
from confluent_kafka.admin import AdminClient

from contracts.names import Topic
from stack.topics import create_topics
from stack.waiting import wait_until
from tests.collector.own_broker import OwnBroker
from tests.loops import told
from tests.report_app.live.conftest import live_process
from tests.report_app.live.pages import open_page, say_ready


@pytest.mark.long
def test_a_page_hears_on_after_the_broker_died_and_after_its_topic_is_another(live_settings, visitors, tmp_path):
    folder = tmp_path / "kafka"
    folder.mkdir()
    broker = OwnBroker(folder)
    broker.start()
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))
    settings = replace(live_settings, kafka_bootstrap=broker.bootstrap)
    create_topics(settings)
    try:
        with live_process(settings, tmp_path) as (running, _):
            told(story(running, broker, cookie))
    finally:
        broker.kill()


async def story(settings, broker, cookie):
    page = await open_page(settings.live_port, "nordlicht", cookie)
    await asyncio.to_thread(broker.kill)
    await asyncio.to_thread(broker.start)
    await say_ready(settings, "nordlicht", 1)
    assert (await page.event(30))[1]["ready_id"] == "1/nordlicht"
    await asyncio.to_thread(make_topic_anew, settings)
    for number in range(2, 60):
        await say_ready(settings, "nordlicht", number)
        try:
            heard = await page.event(1)
        except TimeoutError:
            continue
        assert heard[1]["ready_id"].endswith("/nordlicht")
        return
    raise AssertionError("nothing was heard of the new topic")


def make_topic_anew(settings):
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    admin.delete_topics([Topic.REPORT_READY.value])[Topic.REPORT_READY.value].result(10)
    gone = lambda: Topic.REPORT_READY not in admin.list_topics(timeout=10).topics  # noqa: E731
    assert wait_until(gone, 20)
    create_topics(settings)
