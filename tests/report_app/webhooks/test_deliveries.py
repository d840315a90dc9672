"""From a ready message to the receiver: once, signed, again after failures, and not without end."""

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from contracts.names import Collection
from contracts.webhooks import DELAYS, LEASE, MOST_ATTEMPTS, SWITCHED_OFF_AFTER
from report_app.webhooks.courier import Courier
from stack.waiting import wait_until
from tests.loops import beside
from tests.outgoing.receiver import Receiver
from tests.report_app.webhooks.conftest import SECRETS


def is_signed(post, secret):
    """As a shop checks it: the header's time and the body, under the secret it was shown."""
    _, headers, body = post
    at, *signatures = [part.partition("=")[2] for part in headers["Footfall-Signature"].split(",")]
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() in signatures


def deliver_all(courier):
    return beside(lambda: sum(iter(courier.deliver_one, False)))


def test_a_ready_message_is_posted_once_however_often_it_is_heard(receiver, add, say_ready, courier, log):
    id_, secret = add(receiver.url)
    message, *_ = [say_ready() for _ in range(3)]
    assert deliver_all(courier) == 1
    [post] = receiver.posts
    _, headers, body = post
    [entry] = log(id_)
    assert json.loads(body) == message | {"type": "report.ready", "delivery": entry["id"]}
    assert (headers["Footfall-Delivery"], headers["Footfall-Event"]) == (entry["id"], "report.ready")
    assert is_signed(post, secret) and not is_signed(post, secret + "x")
    assert (entry["state"], entry["attempts"], entry["log"][0]["status"]) == ("delivered", 1, 200)
    say_ready()
    assert deliver_all(courier) == 0


def test_a_webhook_hears_its_own_shop_from_when_it_was_added(receiver, add, say_ready, courier):
    add(receiver.url)
    say_ready(1, merchant="other")
    say_ready(2, later=timedelta(seconds=-1))
    say_ready(3)
    assert deliver_all(courier) == 1
    assert json.loads(receiver.posts[0][2])["ready_id"] == "3/nordlicht"


def test_what_failed_is_tried_again_with_the_same_id_until_it_is_delivered(
    receiver, add, say_ready, courier, clock, log
):
    id_, _ = add(receiver.url)
    receiver.answers = [(500, {}), (302, {"Location": "https://localhost/"})]
    say_ready()
    for delay in (*DELAYS[:2], timedelta(0)):
        assert deliver_all(courier) == 1
        assert deliver_all(courier) == 0, "it is not due yet"
        clock.now += delay
    [entry] = log(id_)
    assert [one["status"] for one in entry["log"]] == [500, 302, 200]
    assert "redirect" in entry["log"][1]["why"]
    assert (entry["state"], entry["attempts"]) == ("delivered", 3)
    assert {headers["Footfall-Delivery"] for _, headers, _ in receiver.posts} == {entry["id"]}


def test_it_is_given_up_after_all_attempts_and_can_be_sent_again(receiver, shop, add, say_ready, courier, clock, log):
    id_, _ = add(receiver.url)
    receiver.answers = [(500, {})] * MOST_ATTEMPTS
    say_ready()
    for delay in (*DELAYS, timedelta(0)):
        assert deliver_all(courier) == 1
        clock.now += delay
    clock.now += max(DELAYS)
    assert deliver_all(courier) == 0
    [entry] = log(id_)
    assert (entry["state"], entry["attempts"]) == ("failed", MOST_ATTEMPTS)
    again = shop.post(f"/api/v1/shops/nordlicht/webhooks/{id_}/deliveries/{entry['id']}")
    assert again.status_code == 202
    assert deliver_all(courier) == 1
    assert log(id_)[0]["state"] == "delivered"


def test_while_a_receiver_fails_its_other_deliveries_wait_and_those_of_others_do_not(
    authority, receiver, add, say_ready, courier, clock
):
    failing = Receiver(authority.server_side("localhost"))
    try:
        failing.answers = [(500, {})] * 9
        add(failing.url), add(receiver.url)
        for number in range(5):
            say_ready(number)
        assert deliver_all(courier) == 1 + 5
        assert (len(failing.posts), len(receiver.posts)) == (1, 5)
        clock.now += DELAYS[0]
        assert deliver_all(courier) == 1
    finally:
        failing.close()


def test_a_receiver_that_fails_for_days_is_switched_off_with_a_reason(
    receiver, shop, database, add, say_ready, courier, clock, log
):
    id_, _ = add(receiver.url)
    receiver.answers = [(503, {})] * 2
    say_ready(1), say_ready(2)
    assert deliver_all(courier) == 1
    clock.now += SWITCHED_OFF_AFTER
    assert deliver_all(courier) == 1
    shown = shop.get(f"/api/v1/shops/nordlicht/webhooks/{id_}").json["webhook"]
    assert shown["state"] == "off" and "3 days" in shown["off_because"]
    assert {entry["state"] for entry in log(id_)} == {"failed"}
    assert database[Collection.AUDIT].count_documents({"action": "webhook_switched_off", "who": "footfall"}) == 1
    say_ready(3)
    assert deliver_all(courier) == 0
    assert shop.post(f"/api/v1/shops/nordlicht/webhooks/{id_}/test").status_code == 400
    assert shop.post(f"/api/v1/shops/nordlicht/webhooks/{id_}/on").json["webhook"]["failing_since"] is None
    say_ready(4)
    assert deliver_all(courier) == 1


def test_several_couriers_post_each_delivery_once(receiver, add, say_ready, database, poster, clock):
    for path in "ab":
        add(receiver.url + path)
    for number in range(10):
        say_ready(number)
    couriers = [Courier(database, SECRETS, poster, now=lambda: clock.now) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        while sum(threads.map(deliver_all, couriers)):
            pass
    ids = [headers["Footfall-Delivery"] for _, headers, _ in receiver.posts]
    assert len(ids) == len(set(ids)) == 20
    assert database[Collection.WEBHOOK_DELIVERIES].count_documents({"state": "delivered", "attempts": 1}) == 20


DELIVER_ONE = """
import ssl, sys
from datetime import datetime
from pymongo import MongoClient
from report_app.webhooks.courier import Courier
from outgoing.posting import Poster
uri, database, secret, now = sys.argv[1:]
poster = Poster(ssl.create_default_context(), 60, may_be_private=True)
moment = datetime.fromisoformat(now)
Courier(MongoClient(uri, tz_aware=True)[database], {"t1": bytes.fromhex(secret)}, poster, lambda: moment).deliver_one()
"""


def test_a_courier_killed_between_claim_and_post_is_followed_by_another(
    mongo, authority, add, say_ready, database, courier, clock, log
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        id_, _ = add(f"https://localhost:{port}/")
        say_ready()
        arguments = [mongo, database.name, SECRETS["t1"].hex(), clock.now.isoformat()]
        process = subprocess.Popen([sys.executable, "-c", DELIVER_ONE, *arguments])
        try:
            silent.settimeout(20)
            connection, _ = silent.accept()
            os.kill(process.pid, signal.SIGKILL)
            connection.close()
        finally:
            process.kill()
            process.wait()
    [claimed] = log(id_)
    assert (claimed["state"], claimed["attempts"], claimed["log"]) == ("waiting", 1, [])
    receiver = Receiver(authority.server_side("localhost"), port)
    try:
        assert deliver_all(courier) == 0, "the lease still runs"
        clock.now += LEASE
        assert deliver_all(courier) == 1
        assert [headers["Footfall-Delivery"] for _, headers, _ in receiver.posts] == [claimed["id"]]
    finally:
        receiver.close()
    assert (log(id_)[0]["state"], log(id_)[0]["attempts"]) == ("delivered", 2)


def test_two_secrets_sign_for_a_day_after_a_new_one_was_made(receiver, shop, add, courier, clock):
    id_, old = add(receiver.url)
    new = shop.post(f"/api/v1/shops/nordlicht/webhooks/{id_}/secret").json["secret"]
    assert new != old
    for _ in range(2):
        shop.post(f"/api/v1/shops/nordlicht/webhooks/{id_}/test")
        assert deliver_all(courier) == 1
        clock.now += timedelta(days=1)
    first, second = receiver.posts
    assert is_signed(first, old) and is_signed(first, new)
    assert is_signed(second, new) and not is_signed(second, old)


def test_a_secret_whose_root_is_gone_signs_nothing(receiver, add, say_ready, database, poster, clock, log):
    id_, _ = add(receiver.url)
    say_ready()
    assert deliver_all(Courier(database, {"t2": b"x" * 20}, poster, now=lambda: clock.now)) == 1
    assert receiver.posts == []
    assert "make a new one" in log(id_)[0]["log"][0]["why"]


def test_a_courier_as_a_process_has_it_reaches_nothing_private(receiver, add, say_ready, database, poster, clock, log):
    id_, _ = add(receiver.url)
    say_ready()
    assert deliver_all(Courier(database, SECRETS, replace(poster, may_be_private=False), now=lambda: clock.now)) == 1
    assert receiver.posts == []
    assert "no public address" in log(id_)[0]["log"][0]["why"]


def test_its_threads_deliver_and_end(receiver, add, say_ready, database, poster, clock, caplog):
    add(receiver.url)
    courier = Courier(database, SECRETS, poster, now=lambda: clock.now)
    say_ready()
    courier.start()
    try:
        assert wait_until(lambda: receiver.posts, 5)
    finally:
        courier.stop()
    assert "localhost" not in caplog.text and "whsec" not in caplog.text
