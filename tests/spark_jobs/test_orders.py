"""The collection of orders: sets of events that a second attempt does not change."""

from datetime import timedelta

import pytest

from contracts.names import Collection, DueGroup
from contracts.restatements import Why
from spark_jobs.due_scopes import Scope
from spark_jobs.failures import PermanentError, TransientError
from spark_jobs.orders import (
    changes_of,
    event_of_row,
    order_key,
    orders_counting_on,
    read_orders,
    without_room,
    write_orders,
)
from spark_jobs.rules.goods import Amounts, Line
from spark_jobs.rules.orders import MAX_EVENTS, OrderEvent
from tests.spark_jobs.samples import at, shop

SHOPS = {"amber": shop(), "open": shop("open", time_zone="Asia/Kolkata", currency="INR")}
LINE = {
    "product": "tea", "name": "Tea", "brand": None, "category": None, "variant": None, "price": 1250,
    "quantity_milli": 1000, "discount": None, "coupon": None, "amount": 1250,
}  # fmt: skip
NOON, ONE = (Scope("amber", DueGroup.HOUR, f"2026-11-24T{hour}:00Z") for hour in (12, 13))
DAY = Scope("amber", DueGroup.DAY, "2026-11-24")


def row(event="Order Completed", minute=0, order_id="1001", **overrides):
    """An archived row of an order's message of 12.50."""
    amounts = dict.fromkeys(("total", "subtotal", "tax", "shipping", "discount"))
    order = {
        "order_id": order_id,
        "refund_id": None,
        "currency": "EUR",
        "coupon": None,
        "revenue": 1250,
        "lines": [LINE],
    }
    base = {
        "merchant": "amber",
        "envelope_id": f"e/{event}/{minute}",
        "message_id": f"m/{event}/{minute}",
        "event_time": at(minute),
        "received_at": at(minute),
        "event": event,
        "flags": [],
        "anonymous_id": "v-1",
        "user_id": None,
        "order": amounts | order | overrides.pop("order", {}),
    }
    return base | overrides


def merge(database, *rows):
    """What a batch does: reads, merges, writes; returns where the orders count or counted."""
    stored = read_orders(
        database, [order_key(each["merchant"], each["order"]["order_id"], each["message_id"]) for each in rows]
    )
    changes = changes_of(stored, list(rows), SHOPS)
    write_orders(database, changes.changed)
    return changes


def test_an_archived_row_is_an_orders_event():
    row_of_all = row(flags=["no_currency"], order={"discount": 100, "coupon": "SPRING", "refund_id": "r"}, user_id="u")
    assert event_of_row(row_of_all) == OrderEvent(
        message_id="m/Order Completed/0",
        envelope_id="e/Order Completed/0",
        event_time=at(0),
        received_at=at(0),
        name="Order Completed",
        currency="EUR",
        amounts=Amounts(revenue=1250, discount=100),
        lines=(Line("tea", 1000, 1250, 1250, 0, "Tea"),),
        is_currency_given=False,
        refund_id="r",
        coupon="SPRING",
        anonymous_id="v-1",
        user_id="u",
        flags=("no_currency",),
    )


def test_an_order_is_read_as_it_was_written(database):
    changes = merge(database, row(), row("Order Refunded", 60, order={"lines": None}))
    [order] = changes.changed
    assert read_orders(database, [order.id]) == {order.id: replaced(order, revision=1)}
    assert changes.scopes == {NOON, ONE, DAY}


def replaced(order, revision):
    order.revision = revision
    return order


def test_the_same_rows_again_change_nothing_but_stay_due(database):
    merge(database, row())
    before = list(database[Collection.ORDERS].find())
    again = merge(database, row(), row())
    assert (again.changed, again.scopes) == ([], {NOON, DAY})
    assert list(database[Collection.ORDERS].find()) == before


def test_an_earlier_completed_moves_the_order_and_both_hours_are_due(database):
    merge(database, row(minute=60))
    moved = merge(database, row(minute=0))
    assert moved.scopes == {NOON, ONE, DAY}
    [order] = moved.changed
    assert order.scopes == sorted([NOON.id, DAY.id])
    assert [found.id for found in orders_counting_on(database, [NOON])] == [order.id]
    assert list(orders_counting_on(database, [ONE])) == []


def test_a_later_days_message_is_a_refund_for_the_days_before_it(database):
    merge(database, row())
    tomorrow = 24 * 60
    changes = merge(database, row("Order Refunded", tomorrow, order={"lines": None}))
    causes = {scope.key: found for scope, found in changes.causes.items()}
    assert causes["2026-11-24"] == causes[NOON.key] == {Why.REFUND}
    assert causes["2026-11-25"] == {Why.LATE}
    assert set(merge(database, row("Order Updated", 5)).causes[NOON]) == {Why.LATE}


def test_an_order_that_counts_nowhere_yet_is_kept(database):
    changes = merge(database, row("Order Updated", 5))
    assert changes.scopes == set()
    assert merge(database, row()).scopes == {NOON, DAY}
    [order] = read_orders(database, ["amber/o/1001"]).values()
    assert [event.name for event in order.events] == ["Order Completed", "Order Updated"]


def test_orders_of_two_shops_and_days_keep_apart(database):
    merge(database, row(), row(merchant="open", minute=19 * 60), row(order_id="1002", minute=12 * 60))
    assert [order.id for order in orders_counting_on(database, [DAY])] == ["amber/o/1001"]
    night = Scope("open", DueGroup.DAY, "2026-11-25")
    half = Scope("open", DueGroup.HOUR, "2026-11-25T06:30Z")
    assert {order.id for order in orders_counting_on(database, [night, half])} == {"open/o/1001"}


def test_orders_without_an_id_are_each_their_own(database):
    merge(
        database, row(order_id=None), row(order_id=None, minute=1), row(order_id=None, minute=1, envelope_id="e/copy")
    )
    ids = [document["_id"] for document in database[Collection.ORDERS].find().sort("_id")]
    assert ids == ["amber/m/m/Order Completed/0", "amber/m/m/Order Completed/1"]


def test_an_id_never_meets_a_message_id():
    assert order_key("amber", "m/x", "y") != order_key("amber", None, "x")


def test_an_order_that_changed_meanwhile_is_not_overwritten(database):
    merge(database, row())
    stored = read_orders(database, ["amber/o/1001"])
    slow = changes_of(stored, [row("Order Refunded", 5)], SHOPS)
    merge(database, row("Order Cancelled", 9))
    with pytest.raises(TransientError, match="changed while"):
        write_orders(database, slow.changed)
    [order] = read_orders(database, ["amber/o/1001"]).values()
    assert [event.name for event in order.events] == ["Order Completed", "Order Cancelled"]


def test_an_order_that_another_opened_meanwhile_is_not_overwritten(database):
    slow = changes_of({}, [row()], SHOPS)
    merge(database, row(minute=3))
    with pytest.raises(TransientError, match="changed while"):
        write_orders(database, slow.changed)


def test_an_order_that_the_database_refuses_is_not_a_change_of_another(database):
    database.create_collection(Collection.ORDERS, validator={"order_id": {"$ne": "1001"}})
    with pytest.raises(PermanentError, match="refuses 1 orders: Document failed validation") as refused:
        merge(database, row())
    assert "amber" not in str(refused.value), "no log holds what shops send"


def test_an_order_has_room_for_200_messages(database):
    many = [row("Order Updated", minute) for minute in range(MAX_EVENTS)]
    merge(database, *many)
    stored = read_orders(database, ["amber/o/1001"])
    more = [row("Order Updated", MAX_EVENTS + 1), row("Order Updated", 3), row(order_id="1002")]
    assert without_room(stored, more) == {f"e/Order Updated/{MAX_EVENTS + 1}"}
    assert without_room({}, [*many, more[0]]) == {f"e/Order Updated/{MAX_EVENTS + 1}"}


def test_both_arrivals_of_a_refused_message_are_refused(database):
    many = [row("Order Updated", minute) for minute in range(MAX_EVENTS)]
    late = row("Order Updated", 500)
    copy = late | {"envelope_id": "e/copy", "received_at": at(500) + timedelta(seconds=1)}
    assert without_room({}, [*many, late, copy]) == {"e/Order Updated/500", "e/copy"}
