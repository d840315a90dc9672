"""A shop's event reaches a page that is open behind NGINX, by way of collector, job, ready message and stream."""

import asyncio
from datetime import UTC, datetime

import pytest

from report_app import create_app
from stack.addresses import port_of_url
from stack.parts import nginx
from tests.loops import told
from tests.report_app.live.pages import Visitors, open_page
from tests.road.shops import message

pytestmark = pytest.mark.stack


@pytest.mark.skipif(nginx.program() is None, reason="NGINX is not installed")
def test_an_open_page_hears_of_its_shops_batch(road):
    shop = road.new_shop("heard")
    visitors = Visitors(create_app(road.settings), road.database)
    _, cookie = visitors.sign_in(visitors.user(shop.merchant))

    async def story():
        page = await open_page(port_of_url(road.settings.public_app_url), shop.merchant, cookie)
        assert page.status == 200
        await asyncio.to_thread(shop.send, [message(None, datetime.now(UTC))])
        return await page.event(150)

    name, data = told(story())
    assert name == "ready"
    assert data["ready_id"].endswith(f"/{shop.merchant}") and "traffic" in data["reports"]
