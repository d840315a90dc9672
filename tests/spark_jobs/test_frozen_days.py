"""Days beyond a shop's retention: their rows go, their reports stay, and no later work computes them from what is left."""

from datetime import UTC, datetime, timedelta

from contracts.names import Collection, DagId, DueGroup
from contracts.reports import Family
from contracts.zones import local_date
from report_app.reading.merchants import merchants_by_id
from report_app.reading.reports import State, read_days
from spark_jobs.attempts import Attempt
from spark_jobs.ledger import take
from spark_jobs.maintain_archive.job import work
from tests.road.shops import message

NOW = datetime.now(UTC)
OLD, NEW = NOW - timedelta(days=5), NOW - timedelta(hours=2)


def order(event, at, revenue):
    products = [{"product_id": "tea", "price": revenue, "quantity": 1}]
    return message(event, at, order_id="1001", revenue=revenue, products=products)


def maintain(jobs):
    key = {"_id": "archive-1", "dag": str(DagId.MAINTAIN_ARCHIVE), "state": "planned", "run": "r", "attempt": 0}
    jobs.database[Collection.BATCHES].insert_one(key | {"is_long": True, "planned_at": NOW})
    jobs.database[Collection.COUNTERS].insert_one({"_id": "batches", "value": jobs.last})
    work(Attempt(jobs.spark, jobs.database, jobs.settings, take(jobs.database, "archive-1", "r")))
    return jobs.database[Collection.BATCHES].find_one({"_id": "archive-1"})["upkeep"]


def keep(jobs, shop, days):
    jobs.database[Collection.MERCHANTS].update_one({"_id": shop.merchant}, {"$set": {"retention_days": days}})


def test_frozen_days_stay_as_they_are_whatever_comes(jobs):
    shop = jobs.shop("lamps")
    shop.send([message(None, OLD), order("Order Completed", OLD, 40), message(None, NEW)])
    jobs.batch()
    jobs.days()
    old = local_date(shop.zone, OLD)
    before = reports_of(jobs, old)
    assert {report["family"] for report in before} >= {Family.SALES, Family.PRODUCTS}
    keep(jobs, shop, 3)
    assert maintain(jobs)["removed"] == 2
    # an update counts on the order's own day, which is frozen; a longer retention does not bring rows back
    for days in (3, None):
        keep(jobs, shop, days)
        shop.send([order("Order Updated", NEW + timedelta(minutes=days or 1), 70)])
        jobs.batch()
        jobs.days()
    assert reports_of(jobs, old) == before
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []

    jobs.order_settings(shop, "Asia/Kathmandu")
    jobs.change_settings()
    merchant = merchants_by_id(jobs.database, [shop.merchant])[shop.merchant]
    assert merchant.zone == "Asia/Kathmandu"
    parts = read_days(jobs.database, merchant, Family.PRODUCTS, [old, local_date(merchant.zone, NEW)])
    assert [part.state for part in parts.values()] == [State.FROZEN, State.READ]
    assert reports_of(jobs, old) == before


def reports_of(jobs, day):
    query = {"day": day.isoformat(), "settings_version": 1}
    return list(jobs.database[Collection.REPORTS].find(query).sort("_id", 1))
