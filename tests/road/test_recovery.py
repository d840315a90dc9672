"""Parts of the platform die with work before them; supervised, they come back, and the work is done without a hand."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, Topic
from stack.waiting import wait_until
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def some_messages(name):
    product = {"product_id": "p1", "name": "Lamp", "price": "19.99"}
    views = [message("Product Viewed", NOON + timedelta(minutes=n), f"v{n}", **product) for n in range(40)]
    return [*views, message("Order Completed", NOON, "v1", order_id=name, products=[product])]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(("airflow-triggerer", "airflow-scheduler", "kafka"), id="all"),
        pytest.param(("airflow-triggerer",), id="triggerer", marks=pytest.mark.long),
        pytest.param(("airflow-scheduler",), id="scheduler", marks=pytest.mark.long),
        pytest.param(("kafka",), id="broker", marks=pytest.mark.long),
        pytest.param(("mongo",), id="database", marks=pytest.mark.long),
    ],
)
def test_a_backlog_is_worked_off_after_parts_were_killed(road, parts):
    shop = road.new_shop(f"killed-{len(parts)}-{parts[0]}")
    shop.send(some_messages("first"))
    for part in parts:
        road.kill_part(part)
    road.wait_patiently()
    assert_reports_are_right(shop)


def test_the_watermark_goes_on_without_events(road):
    road.wait()
    platform = road.database[Collection.PLATFORM]
    newest = road.database[Collection.BATCHES].find_one({"topic": Topic.EVENTS}, sort=[("_id", -1)])
    assert wait_until(
        lambda: (found := platform.find_one({"_id": "watermark"})) and found["caught_up_at"] > newest["watermark"], 60
    )
