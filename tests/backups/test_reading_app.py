"""The report app while the main database is away: it shows the newest proven backup by itself, and changes nothing."""

import os
import signal
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pymongo import MongoClient, monitoring

from backups.decisions import copy_decisions
from backups.generations import begin, copy
from backups.keeping import NEWEST
from backups.proving import prove
from backups.rotating import rotate
from backups.store import Store
from contracts.backups import BackupLine
from contracts.names import Collection
from contracts.settings import Settings
from report_app import create_app
from report_app.attempts import MOST_BY_ADDRESS_AND_EMAIL, WINDOW, forget, is_allowed
from report_app.live.readers import Door
from report_app.standing_in import main_database
from report_app.standing_in.meanwhile import Meanwhile
from report_app.tickets import ordering
from report_app.tickets.publishing import RequestPublisher
from report_app.times import time_text
from stack.addresses import free_ports
from stack.parts import mongo as mongod
from stack.waiting import wait_until
from tests.conftest import running
from tests.databases import own_database
from tests.report_app.conftest import KEY_SECRETS, NO_BROKER, SECRET
from tests.report_app.documents import NOW, PASSWORD
from tests.report_app.failed import failed
from tests.report_app.filled_shop import fill
from tests.report_app.hooked import WEBHOOK, delivery, webhook

NOWHERE = "mongodb://127.0.0.1:1/"
OVERVIEW = "/shops/nordlicht/?range=7d"
API = "/api/v1/shops/nordlicht"
BANNER = "Showing the backup of"
SINCE = time_text(NOW + timedelta(hours=4))
READS = {
    *("hello", "ping", "find", "aggregate", "getMore", "buildInfo", "endSessions", "killCursors"),
    *("isMaster", "ismaster"),
}
PAGES = (
    *("/shops/", OVERVIEW, "/shops/nordlicht/products?range=7d", "/shops/nordlicht/quality?range=7d"),
    *("/shops/nordlicht/inbox", "/shops/nordlicht/settings", "/shops/nordlicht/webhooks", "/shops/nordlicht/arrivals"),
    *("/shops/nordlicht/orders", f"/shops/nordlicht/webhooks/{WEBHOOK}", "/numbers", "/shops/nowhere/", "/status"),
)
CHANGES = (
    ("POST", "/shops/nordlicht/settings/change", {"time_zone": "Asia/Tokyo", "currency": "USD"}),
    ("POST", "/shops/nordlicht/settings/change/cancel", {}),
    ("POST", "/shops/nordlicht/rebuilds", {"from": "2026-11-20", "to": "2026-11-21"}),
    ("POST", "/shops/nordlicht/inbox/" + "ab" * 10, {"action": "send_again"}),
    ("POST", "/shops/nordlicht/webhooks", {"url": "https://shop.example/"}),
    ("POST", f"/shops/nordlicht/webhooks/{WEBHOOK}", {"action": "secret"}),
)
API_CHANGES = (
    ("PUT", f"{API}/settings"),
    ("DELETE", f"{API}/settings/next"),
    ("POST", f"{API}/rebuilds"),
    ("POST", f"{API}/webhooks"),
    ("DELETE", f"{API}/webhooks/{WEBHOOK}"),
    ("POST", f"{API}/inbox/{'ab' * 10}/replays"),
)


class Commands(monitoring.CommandListener):
    """Names of the commands that clients which are made from now on send to a server."""

    def __init__(self, uri):
        self.names = set()
        self._port = MongoClient(uri).address[1]
        monitoring.register(self)

    def started(self, event):
        if event.connection_id[1] == self._port:
            self.names.add(event.command_name)

    def succeeded(self, event):
        """It was noted when it started."""

    def failed(self, event):
        """It was noted when it started."""


@pytest.fixture(scope="module")
def settings(mongo, backup_mongo):
    """Of a shop of some days, one of them without its sales, and of its backup."""
    with own_database(mongo, "read") as database, MongoClient(backup_mongo, tz_aware=True) as client:
        fill(database, days=15)
        database[Collection.FAILED_EVENTS].insert_many(failed(n) for n in range(3))
        database[Collection.WEBHOOKS].insert_one(webhook())
        database[Collection.WEBHOOK_DELIVERIES].insert_one(delivery(1, "delivered"))
        database[Collection.REPORTS].delete_one({"family": "sales", "day": "2026-11-19"})
        back_up(Store(client, BackupLine.NIGHTLY, database.name), database)
        yield Settings(
            mongo_uri=mongo,
            backup_mongo_uri=backup_mongo,
            database=database.name,
            app_secret=SECRET,
            key_secrets=KEY_SECRETS,
            kafka_bootstrap=NO_BROKER,
        )
        for name in (database.name, f"{database.name}_decisions"):
            client.drop_database(name)


def back_up(store, database):
    """A proven generation of now."""
    number = begin(store, database, "night")
    copy(store, database, number, "night")
    prove(store, database, number, "night", 1.0)


def browser_of(settings):
    """A browser that is signed in at an app of its own."""
    app = create_app(settings, now=lambda: NOW + timedelta(hours=4))
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions[ordering.EXTENSION] = RequestPublisher(NO_BROKER, patience_seconds=0.05)
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": "anna@example.com", "password": PASSWORD})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return client


@pytest.fixture(scope="module")
def told(settings, backup_mongo):
    """What the backup's server is told on behalf of the browser."""
    return Commands(backup_mongo)


@pytest.fixture(scope="module")
def reading(settings, told):
    """A browser whose app cannot reach the main database: signed in from the backup."""
    return browser_of(replace(settings, mongo_uri=NOWHERE))


def figures(client, path=f"{API}/overview?range=7d"):
    return {name: found["value"] for name, found in client.get(path).json["figures"].items()}


@pytest.fixture(scope="module")
def whole(settings):
    """A browser whose app has its main database."""
    return browser_of(settings)


def test_every_page_has_the_numbers_of_the_backup_and_says_so(whole, reading):
    for page in PAGES:
        there, here = whole.get(page, follow_redirects=True), reading.get(page, follow_redirects=True)
        assert here.status_code == there.status_code, page
        assert (there.text.count(BANNER), here.text.count(BANNER)) == (0, 1), page
    assert figures(reading) == figures(whole) | {"net_sales": None, "orders": None, "average_order": None}
    text = reading.get(OVERVIEW).text
    assert "has been away since 24 Nov, 18:32 (Europe/Berlin). Nothing can be changed until it is back." in text
    assert "These are the numbers of the backup. What arrived since is kept and will be counted." in text
    part = reading.get(f"{OVERVIEW}&part=main").text
    assert part.count(BANNER) == 1, "an open page hears of it, too"


def test_answers_say_what_they_were_read_from(whole, reading):
    answer = reading.get(f"{API}/overview?range=7d")
    assert answer.headers["Footfall-Away-Since"] == SINCE
    assert answer.headers["Footfall-Backup-Of"][:10] in reading.get("/health").json["backup_of"]
    assert answer.json["range"]["is_late"] is True
    assert answer.json["figures"]["orders"]["state"] == "not_in_backup"
    assert reading.get("/health").json | {"backup_of": ""} == {
        "status": "ok",
        "reads": "backup",
        "backup_of": "",
        "away_since": SINCE,
    }
    assert reading.get("/ready").json["status"] == "ready"
    assert "Footfall-Backup-Of" not in whole.get(f"{API}/overview").headers


def test_an_etag_is_of_one_source(whole, reading):
    for path in (f"{API}/inbox", f"{OVERVIEW}&part=main"):
        tags = [one.get(path).headers["ETag"] for one in (reading, whole)]
        assert tags[0] != tags[1]
        answers = [reading.get(path, headers={"If-None-Match": tag}) for tag in tags]
        assert [answer.status_code for answer in answers] == [304, 200]
        assert "Footfall-Backup-Of" in answers[0].headers


def test_what_would_change_something_is_refused(reading):
    for method, path, form in CHANGES:
        answer = reading.open(path, method=method, data=form)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), path
        assert "Nothing can be changed right now." in answer.text
        assert BANNER in answer.text
    for method, path in API_CHANGES:
        answer = reading.open(path, method=method, json={})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), path
        assert answer.json == {
            "code": "read_only",
            "field": None,
            "sentence": "Nothing can be changed right now.",
            "link": "/api/errors#read_only",
        }
    assert reading.post("/shops/nordlicht/settings").status_code == 200, "a key is shown, nothing is changed"
    assert reading.post("/nowhere").status_code == 404


def test_nothing_is_written_to_the_backup(reading, told):
    for path in (*PAGES, f"{API}/overview?range=7d", f"{API}/tickets", "/ready"):
        reading.get(path)
    for method, path, form in CHANGES:
        reading.open(path, method=method, data=form)
    assert "aggregate" in told.names
    assert told.names <= READS


def test_nobody_guesses_passwords_meanwhile():
    counts = Meanwhile()
    tried = [is_allowed(counts, "192.0.2.1", "anna@example.com", NOW) for _ in range(MOST_BY_ADDRESS_AND_EMAIL + 1)]
    assert tried == [True] * MOST_BY_ADDRESS_AND_EMAIL + [False]
    assert is_allowed(counts, "192.0.2.1", "anna@example.com", NOW + WINDOW)
    forget(counts, "192.0.2.1", "anna@example.com", NOW)
    assert is_allowed(counts, "192.0.2.1", "anna@example.com", NOW)


def test_an_emptied_database_is_one_that_is_lost(settings, mongo, monkeypatch):
    """Somebody dropped it, or its server began with no files: pages stay, and go back when a restore has put it back."""
    monkeypatch.setattr(main_database, "LOOK_EVERY_SECONDS", 0.1)
    with MongoClient(mongo, tz_aware=True) as main:
        client = browser_of(settings)
        shops = main[settings.database][Collection.MERCHANTS]
        before = figures(client)
        documents = list(shops.find())
        shops.delete_many({})
        try:
            assert wait_until(lambda: BANNER in client.get(OVERVIEW).text, 10)
            assert figures(client) == before
            copied = client.get_cookie("footfall").value
            assert client.post("/sign-out").status_code == 302
            client.set_cookie("footfall", copied)
            assert client.get(OVERVIEW).status_code == 302, "a copy of an ended session is worth nothing"
        finally:
            shops.insert_many(documents)
        assert wait_until(lambda: client.get("/health").json["reads"] == "main", 10)
        assert client.get("/ready").status_code == 200
        ended = main[settings.database][Collection.SESSIONS]
        assert wait_until(lambda: client.get("/ready").status_code == 200 and ended.count_documents({}) == 1, 10)
        ended.delete_many({})


def test_a_generation_that_went_is_no_trouble_for_readers(settings, reading, mongo, backup_mongo):
    before = figures(reading)
    with MongoClient(mongo) as main, MongoClient(backup_mongo, tz_aware=True) as backup:
        store = Store(backup, BackupLine.NIGHTLY, settings.database)
        first = store.generations()[0]["_id"]
        for _ in range(NEWEST):
            back_up(store, main[settings.database])
        assert first in rotate(store)
    assert figures(reading) == before


@pytest.fixture
def own(settings, backup_mongo, tmp_path):
    """A main database that a test may harm: (its process, a browser of an app on it, how to start it again)."""
    uri = f"mongodb://127.0.0.1:{free_ports(1)[0]}/?directConnection=true"
    started = partial(running, mongod.run_command(tmp_path, uri, log_megabytes=64), tmp_path / "mongod.log")
    with MongoClient(backup_mongo, tz_aware=True) as backup, started(lambda: mongod.is_answering(uri)) as process:
        mongod.initiate(uri)
        assert wait_until(lambda: mongod.is_writable(uri), 30)
        nightly, decisions = (Store(backup, line, "own") for line in BackupLine)
        with MongoClient(uri) as client:
            fill(client["own"], days=15)
            back_up(nightly, client["own"])
            client["own"][Collection.USERS].update_one({}, {"$set": {"name": "Anna the Second"}})
            copy_decisions(decisions, client["own"], "minutes", 1.0)
        browser = browser_of(replace(settings, mongo_uri=uri, database="own"))
        yield process, browser, lambda: started(lambda: mongod.is_writable(uri))
        for name in ("own", "own_decisions"):
            backup.drop_database(name)


@pytest.mark.long
def test_it_goes_over_and_back_by_itself(own):
    """kill -9 of the main database under an open page and an open stream; changes made afterwards are there."""
    process, client, started_again = own
    before = figures(client)
    door = Door(client.application)
    reader = door.read(f"footfall={client.get_cookie('footfall').value}")
    process.kill()
    process.wait()
    answer = client.get(OVERVIEW)
    assert (answer.status_code, BANNER in answer.text) == (200, True), "the first request after it, too"
    assert "Anna the Second" in answer.text, "users are as new as there are"
    assert figures(client) == before
    assert door.shops({reader}) == {reader: ["nordlicht"]}, "streams go on"
    assert client.post(f"{API}/rebuilds", json={"range": "7d"}).status_code == 503
    with started_again():
        assert wait_until(lambda: BANNER not in client.get(OVERVIEW).text, 30)
        assert client.post(f"{API}/rebuilds", json={"range": "7d"}).status_code == 202
        assert figures(client) == before


@pytest.mark.long
def test_a_database_that_hangs_is_away(own):
    process, client, _ = own
    os.kill(process.pid, signal.SIGSTOP)
    try:
        assert wait_until(lambda: BANNER in client.get(OVERVIEW).text, 30)
        assert figures(client)["orders"] is not None
    finally:
        os.kill(process.pid, signal.SIGCONT)
    assert wait_until(lambda: BANNER not in client.get(OVERVIEW).text, 30)
