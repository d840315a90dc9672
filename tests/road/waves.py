"""Traffic that several modules look at: two waves, each sent while process_events is paused, so that each is one batch."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from click.testing import CliRunner

from contracts.keys import KeyKind
from contracts.reports import Family
from stack.imports.command import import_command
from tests.oracle.arrivals import Arrival
from tests.road.loop_messages import bad_messages, good_messages, later_messages
from tests.road.roads import Road
from tests.road.shops import RoadShop, bytes_of, message
from tests.road.twins import Twins

HISTORY = Path(__file__).parents[2].parent / "shared" / "data" / "rees46-2019-10-01.csv.gz"
NUMBERS = (Family.TRAFFIC, Family.SALES, Family.PRODUCTS)
WAIT_SECONDS = 300.0


@dataclass
class FirstWave:
    """`history` is a shop whose past was imported, None without the file; `batch` is the ledger's entry of the wave."""

    loop: RoadShop
    page: RoadShop
    twins: Twins
    history: RoadShop | None
    batch: dict[str, Any]

    @classmethod
    def sent_on(cls, road: Road) -> Self:
        with road.paused_events():
            loop, page, twins = road.new_shop("loop"), road.new_shop("page"), Twins(road)
            good = [*good_messages(), *later_messages()]
            loop.send(good)
            loop.send(good[::7])
            send_with_page_key(page)
            history = road.new_shop("rees46", zone="UTC", currency="USD") if HISTORY.exists() else None
            if history:
                send_history(history)
        road.wait(WAIT_SECONDS)
        return cls(loop, page, twins, history, road.newest_batch())


@dataclass
class SecondWave:
    """`mended` is a shop whose messages rules repaired; `former` are the numbers and books of the imported history before it
    was imported once more.
    """

    first: FirstWave
    mended: RoadShop
    former: tuple[dict[str, str], dict[str, int]] | None
    batch: dict[str, Any]

    @classmethod
    def sent_on(cls, road: Road, first: FirstWave) -> Self:
        history = first.history
        former = (history.numbers(NUMBERS), history.books()) if history else None
        mended, before = road.new_shop("mended"), road.newest_batch()
        with road.paused_events():
            send_copies_and_bad(first.loop)
            send_what_rules_repair(mended)
            first.twins.send_second(first.twins.undisturbed)
            if history:
                send_history(history)
        road.wait(WAIT_SECONDS)
        return cls(first, mended, former, road.batch_after(before))


def send_copies_and_bad(shop: RoadShop) -> None:
    good = len(good_messages()) + len(later_messages())
    shop.send([arrival.message for arrival in shop.arrivals[:good:11]])
    for content, code, one in bad_messages():
        shop.send_bytes([content])
        shop.arrivals.append(Arrival(one, datetime.now(UTC), "server", reject_code=code))
    answer = shop.post("/v1/track", b'{"type":"track",')
    assert answer.status_code == 400
    shop.arrivals.append(Arrival(None, datetime.now(UTC), "server"))


def send_what_rules_repair(shop: RoadShop) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    shop.send_bytes([bytes_of(message("Order Completed", at, order_id="1", revenue="1.234,50 €"))])
    shop.send_bytes([bytes_of(message("Order Refunded", at, orderId="1", value=34.5))])


def send_with_page_key(shop: RoadShop) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    shop.send([message("Order Completed", at, order_id="1", revenue=5)], KeyKind.PAGE)
    shop.send([message("Order Refunded", at, order_id="1")], KeyKind.PAGE)
    shop.send([message(None, at - timedelta(days=30))], KeyKind.PAGE)


def send_history(shop: RoadShop) -> None:
    arguments = ["--mapping", "rees46", "--key", shop.key(), "--url", shop.settings.public_collector_url, str(HISTORY)]
    result = CliRunner().invoke(import_command, arguments)
    assert result.exit_code == 0, result.output
