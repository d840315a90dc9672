"""process_events is killed between any two of its writes: afterwards the numbers are those of an undisturbed run."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection
from contracts.reports import Family
from tests.oracle.arrivals import Arrival
from tests.road.agreement import assert_reports_are_right
from tests.road.gates import Gate
from tests.road.shops import HOUR_FAMILIES, bytes_of, message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
CHECKPOINTS = ("before_archive", "before_orders", "before_reports", "before_commit")
VICTIMS = ("driver", "worker")
IN_TURN = list(zip(CHECKPOINTS, (*VICTIMS, *VICTIMS), strict=True))
ALONE = [(checkpoint, victim) for checkpoint in CHECKPOINTS for victim in VICTIMS]
BAD = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "bad",
    "timestamp": NOON.isoformat(),
    "properties": {"order_id": "bad", "revenue": -1},
}


def first_messages():
    product = {"product_id": "p1", "name": "Lamp", "price": "19.99"}
    views = [message("Product Viewed", NOON + timedelta(minutes=n), f"v{n}", **product) for n in range(20)]
    return [
        *views,
        message("Order Completed", NOON, order_id="stays", products=[product | {"quantity": 3}]),
        message("Order Completed", NOON + timedelta(hours=2), order_id="moves", revenue=70, products=[product]),
    ]


def second_messages(first):
    """Copies, a refund, and the Completed of two hours before: the order's home moves from 14:00 to 12:00."""
    at = NOON + timedelta(minutes=5)
    product = {"product_id": "p1", "name": "Lamp, brass", "price": "19.99"}
    return [
        *first[:7],
        message("Order Completed", at, order_id="moves", revenue=70, products=[product]),
        message("Order Refunded", at + timedelta(hours=1), order_id="stays", revenue=10),
        message("Product Added", at, "v3", **product, quantity=2),
        message(None, at + timedelta(hours=1), "late", path="/"),
    ]


def send_second(shop, messages):
    shop.send(messages)
    shop.send_bytes([bytes_of(BAD)])
    shop.arrivals.append(Arrival(BAD, datetime.now(UTC), "server"))


class Twins:
    """Shops that are sent the very same messages; the first one is left in peace."""

    def __init__(self, road):
        self.first = first_messages()
        self.second = second_messages(self.first)
        self.undisturbed = road.new_shop("undisturbed")
        self.disturbed = {
            case: road.new_shop("-".join(case).replace("_", "-")) for case in [*ALONE, ("in", "turn"), ("stale", "one")]
        }
        for shop in (self.undisturbed, *self.disturbed.values()):
            shop.send(self.first)
        road.wait()
        send_second(self.undisturbed, self.second)
        road.wait()

    def assert_alike(self, shop):
        assert shop.numbers() == self.undisturbed.numbers()
        inbox = list(shop.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant}))
        assert [(error["code"], bytes(error["original"])) for error in inbox] == [("negative_amount", bytes_of(BAD))]


@pytest.fixture(scope="module")
def twins(road):
    return Twins(road)


def test_an_undisturbed_run_is_right(twins):
    assert_reports_are_right(twins.undisturbed)


def test_an_order_moves_to_its_earlier_home(twins):
    sales = twins.undisturbed.hours(Family.SALES)
    by_hour = {key: (hour["orders"], hour["converted"]["sales"]) for key, hour in sales.items()}
    home, former = NOON.strftime("%Y-%m-%dT12:00Z"), NOON.strftime("%Y-%m-%dT14:00Z")
    assert by_hour[home] == (2, 7_000 + 5_997)
    assert by_hour.get(former, (0, 0)) == (0, 0)


def test_a_run_killed_at_every_place_in_turn_ends_with_the_same_numbers(road, twins):
    shop = twins.disturbed["in", "turn"]
    with ExitStack() as stack:
        gates = [stack.enter_context(Gate(road.pause_folder, checkpoint)) for checkpoint in CHECKPOINTS]
        send_second(shop, twins.second)
        for gate, (_, victim) in zip(gates, IN_TURN, strict=True):
            gate.wait_reached()
            batch = road.open_batch()
            road.kill(victim, batch)
            gate.open()
    road.wait(180)
    twins.assert_alike(shop)
    assert road.attempts(batch) >= 1 + len(IN_TURN)


@pytest.mark.long
@pytest.mark.parametrize(("checkpoint", "victim"), ALONE)
def test_a_killed_run_ends_with_the_same_numbers(road, twins, checkpoint, victim):
    shop = twins.disturbed[checkpoint, victim]
    with Gate(road.pause_folder, checkpoint) as gate:
        send_second(shop, twins.second)
        gate.wait_reached()
        batch = road.open_batch()
        road.kill(victim, batch)
    road.wait(120)
    twins.assert_alike(shop)
    assert road.attempts(batch) > 1


def test_a_stale_attempt_that_wakes_up_later_changes_nothing(road, twins):
    shop = twins.disturbed["stale", "one"]
    with Gate(road.pause_folder, "before_reports") as gate:
        send_second(shop, twins.second)
        gate.wait_reached()
        batch = road.open_batch()
        assert road.run_job_by_hand(batch) == 0
        finished = shop.numbers(HOUR_FAMILIES)
    road.wait(120)
    assert shop.numbers(HOUR_FAMILIES) == finished
    twins.assert_alike(shop)
