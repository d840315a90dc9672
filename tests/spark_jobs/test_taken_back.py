"""Orders without the messages of a batch that was given up."""

from spark_jobs.orders import StoredOrder, event_of_row
from spark_jobs.rules.orders import merged
from spark_jobs.taken_back import taken_back
from tests.spark_jobs.samples import at, shop
from tests.spark_jobs.test_orders import DAY, NOON, ONE, row

SHOPS = {"amber": shop()}


def stored(*rows, scopes=()):
    events = merged((), [event_of_row(dict(one)) for one in rows])
    order = StoredOrder("amber/o/1001", "amber", "1001", events, 3, [scope.id for scope in scopes])
    return {order.id: order}


def test_only_what_the_batch_brought_goes():
    sale, refund = row(), row("Order Refunded", 65)
    changes = taken_back(stored(sale, refund, scopes=(NOON, ONE, DAY)), [refund], [], SHOPS)
    [order] = changes.changed
    assert [event.name for event in order.events] == ["Order Completed"]
    assert (order.revision, order.scopes) == (3, sorted((NOON.id, DAY.id)))
    assert changes.scopes == {NOON, ONE, DAY}


def test_a_copy_in_another_batch_counts_again():
    sale = row()
    copy = sale | {"envelope_id": "e/copy", "received_at": at(9)}
    [order] = taken_back(stored(sale, scopes=(NOON, DAY)), [sale], [copy], SHOPS).changed
    assert [event.envelope_id for event in order.events] == ["e/copy"]


def test_an_order_of_which_nothing_is_left_counts_nowhere():
    changes = taken_back(stored(row(), scopes=(NOON, DAY)), [row()], [], SHOPS)
    assert [(order.events, order.scopes) for order in changes.changed] == [([], [])]
    assert changes.scopes == {NOON, DAY}


def test_what_never_reached_the_order_changes_nothing():
    kept = row() | {"envelope_id": "e/other"}
    assert taken_back(stored(kept), [row()], [], SHOPS).changed == []
    assert taken_back({}, [row()], [], SHOPS).changed == []
    assert taken_back(stored(row()), [row()], [], {}).changed == [], "its merchant is gone"
