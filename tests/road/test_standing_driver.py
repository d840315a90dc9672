"""Batches are worked on by the driver that stands; what a driver of their own would say is in the task's log all the same."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DagId
from stack.parts import spark
from stack.supervision import log_file
from stack.waiting import wait_until
from tests.road.agreement import assert_reports_are_right
from tests.road.shops import message

pytestmark = pytest.mark.stack
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


def test_the_driver_that_stands_works_on_a_batch(road):
    [driver] = spark.programs(road.settings)
    assert wait_until(driver.is_well, 60), "no driver stands"
    shop = road.new_shop("standing")
    shop.send([message(None, NOON, "v1"), message("Order Completed", NOON, "v1", order_id="1", revenue="5")])
    road.wait()
    assert_reports_are_right(shop)
    its = {"touched.merchant": shop.merchant, "dag": DagId.PROCESS_EVENTS}
    batch = road.database[Collection.BATCHES].find_one(its, sort=[("_id", -1)])
    assert f"works: --batch {batch['_id']} " in log_file(road.settings, spark.DRIVER).read_text()
    logs = road.settings.data / "airflow" / "logs" / f"dag_id={DagId.PROCESS_EVENTS}" / f"run_id={batch['run']}"
    said = "".join(file.read_text() for file in logs.rglob("attempt=*.log"))
    assert f"batch={batch['_id']} reported" in said
