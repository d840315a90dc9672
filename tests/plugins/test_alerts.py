"""Alerts from a broken promise to its readers: once when it breaks, once when it has mended, whatever dies between."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from contracts.alerts import LEASE, Road
from contracts.promises import CheckName, PromiseState
from contracts.settings import SettingsError
from contracts.settings import settings as settings_of_process
from contracts.webhooks import DELAYS, MOST_ATTEMPTS
from footfall_airflow import promise_tasks
from footfall_airflow.alert_outbox import put_alert, trial_alert
from footfall_airflow.alert_roads import open_roads
from footfall_airflow.alert_sending import send_due, try_once, unsent
from footfall_airflow.promises import Look, judge
from tests.loops import beside
from tests.outgoing.mail_server import MailServer
from tests.outgoing.receiver import Receiver

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOLD = timedelta(minutes=15)
SECRET, OLDER = "a-secret-of-operators", "the-secret-before-it"


@pytest.fixture
def post_office(authority):
    found = MailServer(authority.server_side("localhost"), user="ops", password="a-pass-word")
    yield found
    found.close()


@pytest.fixture
def configured(settings, post_office, receiver):
    return replace(
        settings,
        alert_smtp_host="localhost",
        alert_smtp_port=post_office.port,
        alert_smtp_user="ops",
        alert_smtp_password="a-pass-word",
        alert_mail_from="footfall@shop.example",
        alert_mail_to="ops@shop.example, night@shop.example",
        alert_webhook_url=receiver.url,
        alert_webhook_secret=f"{SECRET},{OLDER}",
        alert_webhook_private_address=True,
        public_app_url="https://reports.example",
    )


@pytest.fixture
def roads(configured, authority):
    return open_roads(configured, authority.client_side())


@pytest.fixture
def see(database):
    """A look at promises, so many minutes after the start: sentences by subject, None where one is kept."""

    def do(minutes, check=CheckName.LAG, **looks):
        found = {
            subject: Look(PromiseState.BROKEN, said) if isinstance(said, str) else said or Look()
            for subject, said in looks.items()
        }
        judge(database, check, found, START + timedelta(minutes=minutes))

    return do


@pytest.fixture
def tell(database, roads):
    """What `send_alerts` does then; answers what was not sent."""

    def do(minutes, roads=roads, hold=HOLD):
        now = START + timedelta(minutes=minutes)
        put_alert(database, roads, hold, now)
        beside(lambda: send_due(database, roads, lambda: now))
        return unsent(database, roads, now)

    return do


def mails(post_office):
    return [str(message["Subject"]).removeprefix("[Footfall] ") for _, _, message in post_office.mails]


def bodies(receiver):
    return [json.loads(body) for _, _, body in receiver.posts]


def test_a_break_and_its_end_are_told_once_by_both_roads(see, tell, post_office, receiver):
    for minutes in (0, 5, 10):
        see(minutes, events="It lags.")
        assert tell(minutes) == []
    see(15, events=None)
    for minutes in (15, 20, 29, 30, 35):
        assert tell(minutes) == []
    assert mails(post_office) == ["Broken: Lag", "Mended: Lag"]
    broke, mended = bodies(receiver)
    assert [one["sentence"] for one in broke["broke"]] == ["It lags."] and broke["mended"] == []
    assert mended["mended"][0] | {"sentence": ""} == {
        "check": "lag",
        "subject": "events",
        "sentence": "",
        "since": "2026-11-24T12:00:00.000Z",
        "until": "2026-11-24T12:15:00.000Z",
    }


def test_the_mail_says_what_since_when_and_what_to_do(see, tell, post_office):
    see(0, events="It lags.")
    tell(1)
    [(_, recipients, message)] = post_office.mails
    text = message.get_content()
    assert recipients == ["ops@shop.example", "night@shop.example"]
    for words in ("- It lags. (since 2026-11-24 12:00 UTC)", "process_events reads", "https://reports.example/status"):
        assert words in text


def test_the_post_is_signed_with_each_secret(see, tell, receiver):
    see(0, events="It lags.")
    tell(0)
    [(_, headers, body)] = receiver.posts
    at, *signatures = [part.partition("=")[2] for part in headers["Footfall-Signature"].split(",")]
    signed = [hmac.new(one.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for one in (SECRET, OLDER)]
    assert signatures == signed
    assert (headers["Footfall-Event"], headers["Footfall-Delivery"]) == ("alert", json.loads(body)["delivery"])


def test_one_that_breaks_again_soon_is_the_same_break(see, tell, post_office):
    for minutes in range(0, 60, 10):
        see(minutes, events="It lags.")
        tell(minutes)
        see(minutes + 5, events=None)
        tell(minutes + 5)
    assert mails(post_office) == ["Broken: Lag"]
    tell(70)
    assert mails(post_office) == ["Broken: Lag", "Mended: Lag"]
    see(90, events="It lags.")
    tell(90)
    assert mails(post_office) == ["Broken: Lag", "Mended: Lag", "Broken: Lag"]


def test_an_end_is_told_though_the_promise_was_in_doubt_again(see, tell, post_office, receiver, database):
    see(0, CheckName.BOOKS, hour="They do not add up.")
    tell(0)
    see(5, CheckName.BOOKS, hour=None)
    see(10, CheckName.BOOKS, hour=Look(PromiseState.AWAITED, "On their way."))
    tell(30)
    assert mails(post_office) == ["Broken: Books"]
    see(35, CheckName.BOOKS, hour=None)
    tell(50)
    assert bodies(receiver)[1]["mended"][0]["sentence"] == "They do not add up."
    assert "told" not in database.promises.find_one()


def test_many_at_once_are_one_alert_that_names_some_of_each_check(see, tell, post_office, receiver):
    see(0, CheckName.BOOKS, **{f"hour-{n}": f"Hour {n}." for n in range(30)})
    see(1, CheckName.LAG, events="It lags.")
    tell(1)
    [body] = bodies(receiver)
    assert (body["broke_count"], len(body["broke"])) == (31, 20)
    assert {one["check"] for one in body["broke"]} == {"books", "lag"}
    assert mails(post_office) == ["Broken: Books, Lag"]
    assert "- and 11 more" in post_office.mails[0][2].get_content()


def test_what_a_shop_wrote_stays_in_its_line(see, tell, post_office, receiver):
    hostile = "Shop \r\nBcc: thief@example.com\u2028<script>\u202e" + "x" * 5_000
    see(0, **{"evil\r\nsubject": hostile})
    tell(0)
    [(_, recipients, message)] = post_office.mails
    assert "thief@example.com" not in f"{recipients} {message['Bcc']} {message['Subject']}"
    assert message.get_content_type() == "text/plain"
    [line] = [line for line in message.get_content().splitlines() if "Bcc:" in line]
    assert line.startswith("- Shop Bcc: thief@example.com <script>") and len(line) < 600
    assert "\n" not in bodies(receiver)[0]["broke"][0]["subject"]


def test_a_road_that_fails_does_not_hold_up_the_other_and_is_tried_less_and_less(
    see, tell, post_office, receiver, database
):
    receiver.answers = [(500, {})] * (MOST_ATTEMPTS + 1)
    see(0, events="It lags.")
    minutes = 0.0
    for attempt in range(MOST_ATTEMPTS):
        found = tell(minutes)
        assert tell(minutes) == found and len(receiver.posts) == attempt + 1, "it is not due again yet"
        is_last = attempt + 1 == MOST_ATTEMPTS
        assert [why.partition(" by ")[2] for why in found] == ["webhook yet: The answer was 500."] * (not is_last)
        minutes += DELAYS[min(attempt, len(DELAYS) - 1)].total_seconds() / 60
    assert tell(minutes) == [] and len(receiver.posts) == MOST_ATTEMPTS
    assert len({headers["Footfall-Delivery"] for _, headers, _ in receiver.posts}) == 1
    assert mails(post_office) == ["Broken: Lag"]
    found = database.alerts.find_one()["roads"]
    assert (found["mail"]["state"], found["webhook"]["state"]) == ("sent", "failed")
    assert [one["why"] for one in found["webhook"]["log"]] == ["The answer was 500."] * MOST_ATTEMPTS


def test_a_receiver_that_comes_back_has_what_it_missed(see, tell, authority, receiver, roads):
    see(0, events="It lags.")
    receiver.close()
    assert len(tell(0)) == 1
    back = Receiver(authority.server_side("localhost"), receiver.port)
    try:
        assert tell(1) == []
        assert len(back.posts) == 1
    finally:
        back.close()


def test_a_transaction_that_failed_leaves_nothing_told(see, tell, database, roads, post_office):
    """The outbox and the mark are written together: what stands in the way here is a document of the same id."""
    see(0, events="It lags.")
    alert = put_alert(database, [], HOLD, START)
    database.promises.update_one({}, {"$unset": {"told": 1}})
    with pytest.raises(Exception, match="duplicate key"):
        put_alert(database, roads, HOLD, START)
    assert "told" not in database.promises.find_one()
    database.alerts.delete_one({"_id": alert["_id"]})
    tell(0)
    assert mails(post_office) == ["Broken: Lag"]


SEND = """
import sys
from datetime import datetime
from pymongo import MongoClient
from contracts.names import Collection
from footfall_airflow.alert_sending import send_due
from contracts.alerts import Road
uri, database, now = sys.argv[1:]
def hang(alert, at):
    print("sending", flush=True)
    sys.stdin.read()
send_due(MongoClient(uri, tz_aware=True)[database], {Road.MAIL: hang}, lambda: datetime.fromisoformat(now))
"""


def test_one_that_is_killed_while_it_sends_is_followed_by_another(see, tell, database, roads, settings, post_office):
    see(0, events="It lags.")
    put_alert(database, [Road.MAIL], HOLD, START)
    command = [sys.executable, "-c", SEND, settings.mongo_uri, settings.database, START.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "sending\n"
        os.kill(process.pid, signal.SIGKILL)
    assert tell(1) == [] and post_office.mails == [], "it is another's until the lease has run out"
    assert tell(LEASE.total_seconds() / 60) == []
    assert mails(post_office) == ["Broken: Lag"]
    assert database.alerts.find_one()["roads"]["mail"]["attempts"] == 2


def test_alerts_of_last_week_are_not_sent_when_roads_are_set_up_again(see, tell, database, roads, post_office):
    see(0, events="It lags.")
    put_alert(database, roads, HOLD, START)
    assert tell(60 * 24 * 3) == [] and post_office.mails == []


def test_without_roads_alerts_are_kept_and_none_waits(see, database):
    see(0, events="It lags.")
    alert = put_alert(database, [], HOLD, START)
    assert (alert["roads"], alert["broke_count"]) == ({}, 1)
    assert put_alert(database, [], HOLD, START) is None


def test_a_private_address_has_to_be_named_on_purpose(configured, authority, receiver):
    careful = open_roads(replace(configured, alert_webhook_private_address=False), authority.client_side())
    attempt = beside(try_once, careful[Road.WEBHOOK], trial_alert(START), lambda: START)
    assert "no public address" in attempt["why"] and not attempt["is_sent"]
    assert receiver.posts == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"alert_mail_to": ""}, "ALERT_MAIL_TO"),
        ({"alert_mail_from": "ops@shop.example\nBcc: thief@example.com"}, "no e-mail address"),
        ({"alert_mail_to": "ops"}, "no e-mail address"),
        ({"alert_smtp_tls": "maybe"}, "ALERT_SMTP_TLS"),
        ({"alert_smtp_tls": "none"}, "PASSWORD is not sent without TLS"),
        ({"alert_webhook_url": ""}, "ALERT_WEBHOOK_URL"),
        ({"alert_webhook_secret": "short"}, "ALERT_WEBHOOK_SECRET"),
        ({"alert_webhook_url": "http://ops.example/"}, "ALERT_WEBHOOK_URL"),
    ],
)
def test_a_road_that_is_set_up_in_part_is_named(configured, changed, named):
    with pytest.raises(SettingsError, match=named) as found:
        open_roads(replace(configured, **changed))
    assert SECRET not in str(found.value) and "a-pass-word" not in f"{found.value} {configured}"


@pytest.fixture
def process_settings(environment, configured, authority, monkeypatch):
    """The task's own process is told of the roads, and trusts the tests' authority."""
    for name in ("smtp_host", "smtp_port", "smtp_user", "smtp_password", "mail_from", "mail_to"):
        monkeypatch.setenv(f"FOOTFALL_ALERT_{name.upper()}", str(getattr(configured, f"alert_{name}")))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    settings_of_process.cache_clear()


def test_the_task_tells_and_is_red_while_it_cannot(process_settings, database, post_office, caplog):
    now = datetime.now(UTC)
    judge(database, CheckName.LAG, {"events": Look(PromiseState.BROKEN, "It lags.")}, now)
    post_office.refusals = ["451 Later"]
    with pytest.raises(AirflowException, match=r"by mail yet: The mail server refused the mail \(451\)") as found:
        beside(promise_tasks.send_alerts.function)
    assert not isinstance(found.value, AirflowFailException), "the task is tried again"
    assert "a-pass-word" not in caplog.text
    database.alerts.update_one({}, {"$set": {"roads.mail.next_attempt_at": now}})
    beside(promise_tasks.send_alerts.function)
    assert mails(post_office) == ["Broken: Lag"]
