"""A search that decodes every store finds a person before the erasure and nowhere after it: not late, not replayed, not restored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backups.dumps import write_dump
from backups.store import open_store
from contracts.backups import BackupLine, BackupState
from contracts.erasures import ErasureState, is_signed
from contracts.names import Collection
from contracts.person_ids import IdKind, PersonId
from report_app import erasure_orders
from stack.waiting import wait_until
from tests.road.agreement import assert_books_balance, assert_reports_are_right
from tests.road.nights import back_up, back_up_decisions
from tests.road.searching import places_of
from tests.road.shops import message
from tests.road.test_lost_database import drop, restored

pytestmark = [pytest.mark.stack, pytest.mark.long]
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
WITHIN_SECONDS = 300


def hers(name):
    at = [NOON + timedelta(minutes=minute) for minute in range(0, 60, 10)]
    user = {"userId": f"user-{name}"}
    bad = message("Order Completed", at[3], f"phone-{name}", order_id=f"order-{name}-2", revenue="a lot")
    return [
        message(None, at[0], f"phone-{name}"),
        message(None, at[1], f"phone-{name}") | user,
        message("Order Completed", at[2], f"laptop-{name}", order_id=f"order-{name}", revenue="20") | user,
        bad,
    ]


def others():
    return [message(None, NOON, "bert"), message("Order Completed", NOON, "bert", order_id="b-1", revenue="7")]


@pytest.fixture(scope="module")
def story(road):
    """(shop, her words, the generation before the erasure); she is in every store by then."""
    shop = road.new_shop("forgets")
    name = shop.merchant.rpartition("-")[2]
    words = [f"user-{name}", f"phone-{name}", f"laptop-{name}", f"order-{name}"]
    shop.send(hers(name))
    shop.arrivals.clear()
    shop.send(others())
    road.wait()
    assert wait_until(lambda: road.database[Collection.FAILED_EVENTS].count_documents({"merchant": shop.merchant}), 120)
    back_up(road)
    with open_store(road.settings, BackupLine.NIGHTLY) as store:
        generation = store.newest([BackupState.WHOLE])
        write_dump(store, generation, Path(road.settings.dump_folder), road.settings.database)
    before = places_of(road.settings, words)
    for word in words:
        kinds = {place.split(" ")[0].split(".")[0] for place in before[word]}
        assert {"parquet", "dump"} <= kinds, (word, before[word])
    collections = {place.rpartition(".")[2] for places in before.values() for place in places}
    assert {"orders", "failed_events"} <= collections, before
    return shop, words, generation["_id"]


@pytest.fixture(scope="module")
def forgotten(road, story):
    """She is forgotten, and what is older is cleared."""
    shop, words, _ = story
    ids = {PersonId(IdKind.USER, words[0])}
    made = erasure_orders.order(road.database, road.settings, shop.merchant, ids, "anna", datetime.now(UTC))
    erasures, id_ = road.database[Collection.ERASURES], {"_id": made["_id"]}
    assert wait_until(lambda: erasures.find_one(id_)["state"] == ErasureState.ERASED, WITHIN_SECONDS)
    assert is_cleared(road, id_)
    road.wait()
    return erasures.find_one(id_)


def is_cleared(road, id_):
    """A round comes ten minutes after one that could not clear all, for batches at work; here it comes at once."""
    erasures = road.database[Collection.ERASURES]

    def is_done():
        waits = {**id_, "not_before": {"$gt": datetime.now(UTC) + timedelta(seconds=30)}}
        erasures.update_one(waits, {"$set": {"not_before": None}})
        return erasures.find_one(id_)["state"] == ErasureState.DONE

    return wait_until(is_done, WITHIN_SECONDS)


def left(road, words):
    return {word: places for word, places in places_of(road.settings, words).items() if places}


def test_she_is_nowhere_and_the_reports_are_those_without_her(road, story, forgotten):
    shop, words, _ = story
    assert left(road, words) == {}
    assert_reports_are_right(shop)
    assert_books_balance(shop)
    assert is_signed(forgotten["receipt"], road.settings.erasure_secrets_by_id())


def test_late_messages_and_replays_do_not_bring_her_back(road, story, forgotten):
    shop, words, _ = story
    known = list(shop.arrivals)
    shop.send(hers(words[0].partition("-")[2]))
    shop.arrivals = known
    shop.send([message(None, NOON + timedelta(minutes=5), "cleo")])
    road.wait()
    assert left(road, words) == {}
    assert_reports_are_right(shop)


def test_a_restore_of_an_older_generation_does_not_bring_her_back(road, story, forgotten):
    shop, words, _ = story
    back_up_decisions(road)
    drop(road)
    restored(road)  # the newest generation is the one of before the erasure
    road.wait_patiently()
    id_ = {"_id": forgotten["_id"]}
    assert is_cleared(road, id_)
    assert left(road, words) == {}
    assert_reports_are_right(shop)
