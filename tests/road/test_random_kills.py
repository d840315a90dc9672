"""Parts are killed at random moments while traffic comes in; nothing is lost, and nothing is counted twice."""

import os
import random
import threading
from uuid import uuid4

import psutil
import pytest

from contracts.names import Collection
from contracts.reports import Family
from stack import supervision
from stack.waiting import wait_until
from tests.road.agreement import (
    assert_books_balance,
    assert_products_are_right,
    assert_reports_are_believed,
    assert_sales_are_right,
    assert_traffic_is_right,
)
from tests.road.processes import any_job, kill_and_wait
from tests.road.shops import bytes_of
from tests.road.streams import Stream

pytestmark = pytest.mark.stack
VICTIMS = ("collector", "broker", "driver", "worker", "scheduler", "triggerer")
PARTS = {"broker": "kafka", "scheduler": "airflow-scheduler", "triggerer": "airflow-triggerer"}
NUMBERS = (Family.TRAFFIC, Family.SALES, Family.PRODUCTS)
COPIED = 40


@pytest.mark.timeout(5400)
@pytest.mark.parametrize("kills", [6, pytest.param(54, marks=pytest.mark.long)])
def test_nothing_is_lost_and_nothing_counted_twice(road, kills):
    seed = int(os.environ.get("FOOTFALL_TEST_SEED", uuid4().int % 2**32))
    print(f"FOOTFALL_TEST_SEED={seed}")
    dice = random.Random(seed)
    stream = Stream(road.new_shop(f"killed-{kills}"), dice)
    twin, doubled = road.new_shop("undisturbed"), road.new_shop("counted-twice")
    stream.start()
    try:
        for victim in victims(dice, kills):
            kill(road, dice, victim)
    finally:
        stream.end()
    road.wait_for_collectors()
    messages = [arrival.message for arrival in stream.shop.arrivals]
    twin.send(messages)
    doubled.send(messages)
    doubled.send_bytes([bytes_of(one | {"messageId": str(uuid4())}) for one in messages[:COPIED]])
    road.wait_patiently(600)
    assert_nothing_lost_or_twice(stream.shop, stream.bad)
    assert stream.shop.numbers(NUMBERS) == twin.numbers(NUMBERS)
    with pytest.raises(AssertionError):
        assert_nothing_lost_or_twice(doubled, [])
    assert doubled.books()["accepted"] == len(messages) + COPIED
    print(f"{len(messages)} messages, {stream.sent_again} requests sent again, {kills} kills")


def victims(dice, kills):
    """Each as often as the others, in random order."""
    found = list(VICTIMS) * (kills // len(VICTIMS))
    dice.shuffle(found)
    return found


def kill(road, dice, victim):
    """At a random moment; returns when the part is back, or the process is gone."""
    threading.Event().wait(dice.uniform(0, 5))
    print(f"killing the {victim}")
    if victim in ("driver", "worker"):
        kill_of_a_job(road, dice, victim)
    else:
        road.kill_part(PARTS.get(victim) or f"collector-{dice.choice((1, 2))}")


def kill_of_a_job(road, dice, victim):
    """A job may end before its moment has come: then the next one is waited for."""
    supervisor = supervision.running_supervisor(road.settings)

    def is_killed():
        job = any_job(supervisor)
        try:
            found = [job.driver] if job and victim == "driver" else job.workers() if job else []
            kill_and_wait(found)
        except (psutil.NoSuchProcess, ProcessLookupError):
            return False
        return bool(found)

    assert wait_until(lambda: any_job(supervisor) is not None, 240), "no job runs although there is traffic"
    threading.Event().wait(dice.uniform(0, 15))
    assert wait_until(is_killed, 240)


def assert_nothing_lost_or_twice(shop, bad):
    """Numbers are the oracle's, each message counts once, and each bad one is in the inbox; copies are what was sent again."""
    assert_reports_are_believed(shop)
    assert_traffic_is_right(shop)
    assert_sales_are_right(shop)
    assert_products_are_right(shop)
    books = shop.books()
    assert books["accepted"] == len(shop.arrivals)
    assert books["received"] == books["accepted"] + books["duplicate"] + books["rejected"]
    inbox = shop.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant})
    assert {bytes(error["original"]) for error in inbox} == set(bad)
    assert_books_balance(shop)
