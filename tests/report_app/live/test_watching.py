"""A shop's messages as they arrive: who sees them, what of them, and what became of each."""

import asyncio
from datetime import UTC, datetime, timedelta

from contracts.names import Collection
from report_app.live.follower import Follower
from stack.waiting import wait_until
from tests.loops import told
from tests.report_app.live.arriving import arrive, done_batch
from tests.report_app.live.pages import open_page

ALL, SERVER = "?watch=all", "?watch=server"


async def row_with(page, text):
    """The next row whose HTML holds the text; and all rows until then."""
    seen = []
    while True:
        name, rows = await page.event()
        assert name in ("messages", "ready"), name
        for row in rows if name == "messages" else ():
            seen.append(row)
            if text in row["html"]:
                return row, seen


def test_a_shop_sees_its_own_messages_the_last_ones_and_those_that_come(live, visitors, kafka_broker):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))
    before, foreign, later = "Came before", "Of another shop", "Came later"

    async def story():
        await asyncio.to_thread(arrive, kafka_broker, {"event": before})
        await asyncio.to_thread(arrive, kafka_broker, {"event": foreign}, "other")
        page = await open_page(settings.live_port, "nordlicht", cookie, query=ALL)
        assert page.status == 200
        _, seen = await row_with(page, before)
        await asyncio.to_thread(arrive, kafka_broker, {"event": foreign}, "other")
        await asyncio.to_thread(arrive, kafka_broker, {"event": later})
        row, more = await row_with(page, later)
        assert "Received" in row["html"] and "Page key 2" in row["html"]
        assert not any(foreign in one["html"] for one in [*seen, *more])
        page.leave()

    told(story())


def test_hostile_and_personal_content_is_neither_run_nor_shown(live, visitors, kafka_broker):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))
    hostile = {"event": "<img src=x onerror=alert(1)>", "userId": "anna@example.com", "<b>": {"price": '"><script>'}}

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie, query=ALL)
        await asyncio.to_thread(arrive, kafka_broker, hostile)
        row, _ = await row_with(page, "onerror")
        assert "<img" not in row["html"] and "<script" not in row["html"] and "<b>&lt;img" in row["html"]
        assert "anna@" not in row["html"] and "a-secret-visitor" not in row["html"]
        page.leave()

    told(story())


def test_only_messages_of_the_key_that_is_asked_for(live, visitors, kafka_broker):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie, query=SERVER)
        await asyncio.to_thread(arrive, kafka_broker, {"event": "By the page"})
        await asyncio.to_thread(arrive, kafka_broker, {"event": "By the server"}, key_kind="server")
        _, seen = await row_with(page, "By the server")
        assert not any("By the page" in row["html"] for row in seen)
        page.leave()

    told(story())


def test_fates_follow(live, live_database, visitors, kafka_broker):
    settings, _ = live
    _, cookie = visitors.sign_in(visitors.user("nordlicht"))
    reported_at = datetime.now(UTC) - timedelta(minutes=1)

    def processed(place):
        live_database[Collection.BATCHES].insert_one(done_batch(kafka_broker, place, 71, reported_at))
        mark = {"caught_up_at": datetime.now(UTC)}
        live_database[Collection.PLATFORM].replace_one({"_id": "watermark_of_errors"}, mark, upsert=True)

    async def story():
        page = await open_page(settings.live_port, "nordlicht", cookie, query=ALL)
        reject = {"code": "unknown_type", "field": "type"}
        await asyncio.to_thread(arrive, kafka_broker, {"event": "Rejected at once"}, reject=reject)
        row, _ = await row_with(page, "Rejected at once")
        assert "Not used" in row["html"] and "not one of Segment" in row["html"]
        place = await asyncio.to_thread(arrive, kafka_broker, {"event": "Soon counted"})
        first, _ = await row_with(page, "Soon counted")
        assert "Received" in first["html"]
        await asyncio.to_thread(processed, place)
        again, _ = await row_with(page, "Soon counted")
        assert "Counted" in again["html"] and again["id"] == first["id"]
        page.leave()

    told(story())


def test_strangers_watch_nothing_and_a_session_that_ends_stops_it(live, visitors):
    settings, _ = live
    client, cookie = visitors.sign_in(visitors.user("nordlicht"))

    async def story():
        asked = [("nordlicht", ""), ("other", cookie)]
        pages = [await open_page(settings.live_port, *question, query=ALL) for question in asked]
        assert [page.status for page in pages] == [401, 404]
        page = await open_page(settings.live_port, "nordlicht", cookie, query=ALL)
        await page.event()
        await asyncio.to_thread(client.post, "/sign-out")
        while await page.event():
            pass

    told(story())


def test_nothing_is_read_while_nobody_watches(live_settings, kafka_broker):
    looks = []
    follower = Follower(kafka_broker, looks.append)
    follower.start()
    assert not follower.is_reading
    arrive(kafka_broker, {"event": "For one"}, "one-shop")
    arrive(kafka_broker, {"event": "For two"}, "two-shop")
    first, second = follower.watch("one-shop"), follower.watch("one-shop")
    assert wait_until(first.recent.newest, 20) and second is first
    other = follower.watch("two-shop")
    assert wait_until(other.recent.newest, 20), "the tail is read again for a shop that comes later"
    assert [one.event for one in first.recent.newest()] == ["For one"], "and nothing is there twice"
    assert wait_until(lambda: looks, 10)
    for watched in (first, second, other):
        follower.leave(watched)
    assert wait_until(lambda: not follower.is_reading, 20)
    follower.stop()
