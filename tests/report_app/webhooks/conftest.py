"""A shop with a receiver of its own, and a courier that may reach it."""

import json
from datetime import timedelta

import pytest
from pymongo import MongoClient

from contracts.names import Collection
from report_app.webhooks.courier import Courier
from report_app.webhooks.outbox import fill
from stack.database import INDEXES, VALIDATORS
from tests.report_app.conftest import KEY_SECRETS
from tests.report_app.documents import merchant, user

SECRETS = {KEY_SECRETS.partition(":")[0]: bytes.fromhex(KEY_SECRETS.partition(":")[2])}


@pytest.fixture(scope="session")
def webhooks_database(mongo):
    client = MongoClient(mongo, tz_aware=True)
    for name in (Collection.WEBHOOKS, Collection.WEBHOOK_DELIVERIES):
        client["app_webhooks"].create_collection(name, validator=VALIDATORS[name])
        client["app_webhooks"][name].create_indexes(list(INDEXES[name]))
    yield client["app_webhooks"]
    client.drop_database("app_webhooks")
    client.close()


@pytest.fixture
def database(webhooks_database):
    """Empty, with the indexes and validators of a stack; one for all, since there are many tests."""
    for name in webhooks_database.list_collection_names():
        webhooks_database[name].delete_many({})
    return webhooks_database


@pytest.fixture
def courier(database, poster, clock):
    return Courier(database, SECRETS, poster, now=lambda: clock.now)


@pytest.fixture
def shop(database, sign_in):
    """A client of the shop's user."""
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other", name="Other")])
    database[Collection.USERS].insert_many([user(), user(_id="otto@example.com", merchants=["other"])])
    return sign_in()


@pytest.fixture
def add(shop):
    """Adds a webhook through the API; answers (id, secret)."""

    def do(url):
        answer = shop.post("/api/v1/shops/nordlicht/webhooks", json={"url": url})
        assert answer.status_code == 201, answer.json
        return answer.json["webhook"]["id"], answer.json["secret"]

    return do


@pytest.fixture
def say_ready(database, clock):
    """A ready message of batch `number`; answers it."""

    def do(number=41, merchant="nordlicht", later=timedelta(0)):
        at = (clock.now + later).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        reports = [f"{merchant}/1/traffic/2026-11-24", f"{merchant}/1/sales/2026-11-24"]
        message = {"v": 1, "ready_id": f"{number}/{merchant}", "merchant": merchant, "batch": number}
        message |= {"reports": reports, "watermark": at, "at": at}
        fill(database, json.loads(json.dumps(message)))
        return message

    return do


@pytest.fixture
def log(shop):
    """The delivery log of a webhook, newest first."""
    return lambda id_: shop.get(f"/api/v1/shops/nordlicht/webhooks/{id_}/deliveries").json["deliveries"]
