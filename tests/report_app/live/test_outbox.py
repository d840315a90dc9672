"""The outbox hears what became ready while nobody listened, and its process posts it."""

import json
import os
import signal
import uuid
from dataclasses import replace

import psutil
import pytest
from pymongo import MongoClient

from contracts.names import Collection
from stack.waiting import wait_until
from tests.outgoing.receiver import Authority, Receiver
from tests.report_app.hooked import webhook
from tests.report_app.live.conftest import live_process
from tests.report_app.live.pages import publish_batch


@pytest.fixture
def database(live_settings):
    client = MongoClient(live_settings.mongo_uri, tz_aware=True)
    yield client["app_outbox"]
    client.drop_database("app_outbox")
    client.close()


@pytest.fixture
def receiver(tmp_path, monkeypatch):
    """One that the processes of this test believe."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    found = Receiver(authority.server_side("localhost"))
    yield found
    found.close()


@pytest.fixture
def shop(database, receiver):
    """One of which the topic holds nothing yet, and whose webhook the receiver is."""
    found = f"hooked-{uuid.uuid4().hex[:8]}"
    database[Collection.WEBHOOKS].insert_one(webhook(merchant=found, url=receiver.url))
    return found


@pytest.fixture
def settings(live_settings, database):
    """Of processes that may reach the receiver."""
    return replace(live_settings, database=database.name, webhook_private_addresses=True)


def test_what_became_ready_before_the_first_process_is_posted_once(settings, database, shop, receiver, tmp_path):
    for _ in range(2):
        publish_batch(settings, shop, 901)
    with live_process(settings, tmp_path):
        assert wait_until(lambda: deliveries(database, shop, 901) == ["delivered"], 20)
    assert ready_ids(receiver) == [f"901/{shop}"]


@pytest.mark.long
def test_what_became_ready_while_all_were_down_is_posted_once(settings, database, shop, receiver, tmp_path):
    publish_batch(settings, shop, 902)
    with live_process(settings, tmp_path) as (running, _):
        assert wait_until(lambda: deliveries(database, shop, 902) == ["delivered"], 20)
        kill(running)
    for _ in range(2):
        publish_batch(settings, shop, 903)
    with live_process(settings, tmp_path), live_process(settings, tmp_path):
        assert wait_until(lambda: deliveries(database, shop, 903) == ["delivered"], 30)
    assert sorted(ready_ids(receiver)) == [f"902/{shop}", f"903/{shop}"]


def ready_ids(receiver):
    return [json.loads(body)["ready_id"] for _, _, body in receiver.posts]


def deliveries(database, shop, batch):
    """States of those of a batch."""
    found = database[Collection.WEBHOOK_DELIVERIES].find({"subject": f"{batch}/{shop}"})
    return [one["state"] for one in found]


def kill(settings):
    """All its processes at once; none of them commits anything more."""
    lines = [(one, " ".join(one.info["cmdline"] or [])) for one in psutil.process_iter(["cmdline"])]
    for one, line in lines:
        if f":{settings.live_port} " in line or f"--port {settings.live_port} " in line:
            os.kill(one.pid, signal.SIGKILL)
