"""What an open page hears, and who may listen."""

import asyncio
from dataclasses import replace

import pytest
import requests
from confluent_kafka import Producer

from contracts.names import Collection, Topic
from report_app.accounts import hash_password
from report_app.live.app import _serve
from report_app.live.readers import Reader
from report_app.live.streams import MOST_WAITING, Stream
from stack.waiting import wait_until
from tests.loops import told
from tests.report_app.live.conftest import live_process
from tests.report_app.live.pages import open_page, say_ready


def test_a_page_hears_what_is_ready_for_its_shop_and_nothing_else(live, visitors):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))
    _, stranger = visitors.sign_in(visitors.user("other"))

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie)
        other = await open_page(settings.live_port, "other", stranger)
        assert page.status == 200 and "content-type: text/event-stream" in page.head
        await say_ready(settings, "nordlicht", 12)
        await say_ready(settings, "other", 13)
        assert await page.event() == ("ready", {"ready_id": "12/nordlicht", "reports": ["sales", "traffic"]})
        assert await other.event() == ("ready", {"ready_id": "13/other", "reports": ["sales", "traffic"]})

    told(story())


def test_only_the_shops_own_users_listen(live, visitors):
    settings, log = live
    email = visitors.user("nordlicht")
    _, cookie = visitors.sign_in(email)

    async def statuses():
        forged = cookie[:-4] + ("AAAA" if not cookie.endswith("AAAA") else "BBBB")
        asked = [("nordlicht", ""), ("nordlicht", forged), ("other", cookie), ("nobody", cookie)]
        pages = [await open_page(settings.live_port, *question) for question in asked]
        posted = await open_page(settings.live_port, "nordlicht", cookie, method="POST")
        return [page.status for page in (*pages, posted)]

    assert told(statuses()) == [401, 401, 404, 404, 405]
    assert wait_until(lambda: "shop not the user's" in log.read_text(), 5)
    assert email not in log.read_text() and cookie not in log.read_text()


def test_a_user_has_so_many_streams_and_may_open_another_after_leaving_one(live, visitors):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))

    async def story():
        pages = [await open_page(settings.live_port, "nordlicht", cookie) for _ in range(4)]
        assert [page.status for page in pages] == [200, 200, 200, 429]
        pages[0].leave()
        statuses = []
        for _ in range(100):
            statuses.append((await open_page(settings.live_port, "nordlicht", cookie)).status)
            if statuses[-1] == 200:
                break
        assert statuses[-1] == 200

    told(story())


def sign_out(client, database, email):
    client.post("/sign-out")


def choose_password(client, database, email):
    database[Collection.USERS].update_one({"_id": email}, {"$set": {"password_hash": hash_password("another one")}})


def take_shop(client, database, email):
    database[Collection.USERS].update_one({"_id": email}, {"$set": {"merchants": ["other"]}})


@pytest.mark.parametrize(("end", "status"), [(sign_out, 401), (choose_password, 401), (take_shop, 404)])
def test_who_may_no_longer_listen_does_not_hear_the_next_message(live, visitors, end, status):
    settings, _ = live
    email = visitors.user("nordlicht")
    client, cookie = visitors.sign_in(email)

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie)
        await asyncio.to_thread(end, client, visitors.database, email)
        await say_ready(settings, "nordlicht", 14)
        assert await page.is_over()
        assert (await open_page(settings.live_port, "nordlicht", cookie)).status == status

    told(story())


def test_a_session_that_ends_closes_its_stream_without_a_message(live_settings, visitors, tmp_path):
    client, cookie = visitors.sign_in(visitors.user("nordlicht"))
    _, kept = visitors.sign_in(visitors.user("nordlicht"))
    with live_process(replace(live_settings, live_check_seconds=0.3, live_streams=2), tmp_path) as (settings, _):

        async def story():
            pages = [await open_page(settings.live_port, "nordlicht", one) for one in (cookie, kept, kept)]
            assert [page.status for page in pages] == [200, 200, 503], "the process has as many streams as it may"
            await asyncio.to_thread(client.post, "/sign-out")
            assert await pages[0].is_over()
            await say_ready(settings, "nordlicht", 15)
            assert await pages[1].event()

        told(story())


def test_bytes_that_are_no_ready_message_are_left_out(live, visitors, kafka_broker):
    settings, log = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie)
        await asyncio.to_thread(produce_raw, kafka_broker, [None, b"\xff", b"[]", b'{"merchant": "nordlicht"}'])
        await say_ready(settings, "nordlicht", 16)
        assert (await page.event())[1]["ready_id"] == "16/nordlicht"

    told(story())
    assert log.read_text().count("no ready message") >= 4


def produce_raw(bootstrap, values):
    producer = Producer({"bootstrap.servers": bootstrap})
    for value in values:
        producer.produce(Topic.REPORT_READY, value)
    assert producer.flush(10) == 0


def test_a_page_that_does_not_read_loses_its_stream_and_holds_up_nobody():
    async def story():
        stream = Stream(Reader("", "stamp|anna@example.com", ""), "nordlicht")
        never = asyncio.Event()

        async def send(message):
            if message["type"] == "http.response.body":
                await never.wait()

        serving = asyncio.create_task(_serve(stream, never.wait, send))
        for number in range(MOST_WAITING):
            stream.offer(b"%d" % number)
        assert not stream.over.is_set()
        stream.offer(b"one too many")
        await asyncio.wait_for(serving, 5)

    told(story())


def test_without_nginx_the_report_app_says_that_there_is_no_stream(visitors):
    client, _ = visitors.sign_in(visitors.user("nordlicht"))
    assert client.get("/shops/nordlicht/live").status_code == 204
    assert client.get("/shops/other/live").status_code == 404


def test_it_says_whether_it_is_well(live):
    settings, _ = live
    for path in ("/health", "/ready"):
        assert requests.get(f"http://127.0.0.1:{settings.live_port}{path}", timeout=5).ok
