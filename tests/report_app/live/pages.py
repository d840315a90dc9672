"""Open pages as the server sees them: a connection that reads a stream."""

import asyncio
import json
import uuid

from contracts.names import Collection
from footfall_airflow.announcing import publish, ready_messages
from tests.report_app.documents import NOW, PASSWORD, user

SECONDS = 10


class Visitors:
    """Users in the database, and browsers that are signed in."""

    def __init__(self, app, database):
        app.config["WTF_CSRF_ENABLED"] = False
        self.app, self.database = app, database

    def user(self, *merchants):
        """E-mail address of a new user of these shops."""
        email = f"{uuid.uuid4().hex}@example.com"
        self.database[Collection.USERS].insert_one(user(_id=email, merchants=list(merchants)))
        return email

    def sign_in(self, email):
        """(client, header of its cookie)"""
        client = self.app.test_client()
        assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 302
        return client, cookie_of(client)


def cookie_of(client):
    return f"footfall={client.get_cookie('footfall').value}"


class Page:
    """`status` and headers of the answer; then its events."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self.status, self.head = 0, ""

    async def begin(self):
        self.head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        self.status = int(self.head.split()[1])

    async def event(self, seconds=SECONDS):
        """The next event as (name, data); None where the stream is over."""
        name = data = None
        while line := await asyncio.wait_for(self._reader.readline(), seconds):
            text = line.decode().rstrip("\r\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                data = json.loads(text.removeprefix("data: "))
            elif not text and name:
                return name, data
        return None

    async def is_over(self, seconds=SECONDS):
        """Whether nothing more comes, and nothing came."""
        return await self.event(seconds) is None

    def leave(self):
        self._writer.close()


async def open_page(port, merchant, cookie="", method="GET", query=""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"{method} /shops/{merchant}/live{query} HTTP/1.1", "Host: localhost", f"Cookie: {cookie}", "", ""]
    writer.write("\r\n".join(head).encode())
    await writer.drain()
    page = Page(reader, writer)
    await page.begin()
    return page


async def say_ready(settings, merchant, number):
    await asyncio.to_thread(publish_batch, settings, merchant, number)


def publish_batch(settings, merchant, number):
    """Publishes what `publish_ready` publishes of batch `number`."""
    reports = [f"{merchant}/1/traffic/2026-11-24", f"{merchant}/1/sales/2026-11-24", f"{merchant}/1/sales/2026-11-23"]
    touched = [{"merchant": merchant, "reports": reports}]
    entry = {"_id": number, "watermark": NOW, "committed_at": NOW, "touched": touched}
    publish(settings.kafka_bootstrap, ready_messages(entry), SECONDS)
