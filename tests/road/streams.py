"""Traffic that goes on while harm is done: each request is sent again until the collector has taken it, as SDKs do."""

import threading
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import requests

from tests.oracle.arrivals import Arrival
from tests.road.shops import RoadShop, bytes_of, message

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
PAUSE_SECONDS = 0.3
PRODUCTS = [{"product_id": f"p{n}", "name": f"Lamp {n}", "price": f"{n + 9}.99"} for n in range(5)]


class Stream(threading.Thread):
    """Sends visits of some messages each to the shop, until it is told to end. `bad` are the messages that are none."""

    def __init__(self, shop: RoadShop, dice: Random) -> None:
        super().__init__(daemon=True)
        self.shop, self._dice = shop, dice
        self.bad: list[bytes] = []
        self.sent_again = 0
        self._is_over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._is_over.wait(PAUSE_SECONDS):
            number += 1
            visit = self._visit(number)
            bad = [bytes_of(message("Order Completed", NOON, order_id="bad", revenue=-1))] if number % 10 == 0 else []
            self._send([*map(bytes_of, visit), *bad])
            now = datetime.now(UTC)
            self.shop.arrivals += [Arrival(one, now, "server") for one in visit]
            self.bad += bad

    def end(self) -> None:
        """Returns when the last request was taken."""
        self._is_over.set()
        self.join(120)
        assert not self.is_alive(), "the collector took nothing for two minutes"

    def _visit(self, number: int) -> list[dict[str, Any]]:
        at, visitor = NOON + timedelta(minutes=self._dice.randrange(180)), f"v{number % 17}"
        product = self._dice.choice(PRODUCTS)
        order = {"order_id": f"o{number}", "products": [product], "tax": "1.10"}
        return [
            message(None, at, visitor, path=f"/{product['product_id']}"),
            message("Product Viewed", at, visitor, **product),
            message("Order Completed", at, visitor, **order),
            *([message("Order Refunded", at, visitor, order_id=f"o{number}", revenue=3)] if number % 5 == 0 else []),
        ]

    def _send(self, members: list[bytes]) -> None:
        body = b'{"batch":[' + b",".join(members) + b"]}"
        while not self._is_taken(body):
            self.sent_again += 1
            threading.Event().wait(PAUSE_SECONDS)

    def _is_taken(self, body: bytes) -> bool:
        try:
            return self.shop.post("/v1/batch", body).status_code == 200
        except requests.RequestException:
            return False
