"""A rehearsal on the running stack: asked for as the report app asks, it is ready by itself, and the replay keeps its word."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DagId
from contracts.reports import Family
from repairs.shop_rules import read_rule
from report_app.reading.inbox import read_causes
from report_app.rehearsal_orders import rehearse
from report_app.repair_orders import ask
from stack.waiting import wait_until
from tests.road.shops import message

pytestmark = [pytest.mark.stack, pytest.mark.long]
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
RULE = read_rule({"action": "set_field", "field": "properties.revenue", "to": "40"})


def test_a_rehearsal_is_answered_and_its_replay_keeps_its_word(road):
    shop = road.new_shop("rehearsed")
    shop.send([message("Order Completed", NOON, order_id=str(number), revenue="a lot") for number in range(3)])
    road.wait()
    assert wait_until(lambda: [cause.waiting for cause in read_causes(road.database, shop.merchant)] == [3], 60)
    [cause] = read_causes(road.database, shop.merchant)
    asked = rehearse(road.database, shop.merchant, cause, RULE, "anna@example.com", datetime.now(UTC), quota=10)

    def found():
        return road.database[Collection.REHEARSALS].find_one({"_id": asked["_id"]})

    assert wait_until(lambda: found()["state"] == "ready", 120), found()
    [day] = found()["result"]["days"]
    assert (day["orders"], day["net"]) == (3, 12_000)
    assert sum(hour["orders"] for hour in shop.hours(Family.SALES).values()) == 0
    run = road.database[Collection.BATCHES].find_one({"dag": DagId.REHEARSE_REPAIRS})["run"]
    assert wait_until(lambda: road.airflow.run(DagId.REHEARSE_REPAIRS, run)["state"] == "success", 60)
    ask(road.database, shop.merchant, cause, RULE, "anna@example.com", datetime.now(UTC))
    assert wait_until(lambda: sum(hour["orders"] for hour in shop.hours(Family.SALES).values()) == 3, 150)
    assert sum(hour["converted"]["sales"] for hour in shop.hours(Family.SALES).values()) == day["net"]
