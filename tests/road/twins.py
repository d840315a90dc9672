"""Twins: shops with the very same traffic; one is left in peace, the job is killed while it works on the others, or the
database is lost.
"""

from datetime import UTC, datetime, timedelta

from contracts.names import Collection
from tests.oracle.arrivals import Arrival
from tests.road.shops import bytes_of, message

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
CHECKPOINTS = ("before_archive", "before_orders", "before_reports", "before_commit")
VICTIMS = ("driver", "worker")
ALONE = [(checkpoint, victim) for checkpoint in CHECKPOINTS for victim in VICTIMS]
LOSSES = ("dropped", "deleted")
CASES = [*ALONE, ("in", "turn"), ("stale", "one"), *(("database", loss) for loss in LOSSES)]
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


class Twins:
    """Shops with the same beginning; each one's second part is sent by the test that is about it."""

    def __init__(self, road):
        self.first = first_messages()
        self.second = second_messages(self.first)
        self.undisturbed = road.new_shop("undisturbed")
        self.disturbed = {case: road.new_shop("-".join(case).replace("_", "-")) for case in CASES}
        for shop in (self.undisturbed, *self.disturbed.values()):
            shop.send(self.first)

    def send_second(self, shop):
        shop.send(self.second)
        shop.send_bytes([bytes_of(BAD)])
        shop.arrivals.append(Arrival(BAD, datetime.now(UTC), "server"))

    def assert_alike(self, shop):
        assert shop.numbers() == self.undisturbed.numbers()
        inbox = list(shop.database[Collection.FAILED_EVENTS].find({"merchant": shop.merchant}))
        assert [(error["code"], bytes(error["original"])) for error in inbox] == [("negative_amount", bytes_of(BAD))]
