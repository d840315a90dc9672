"""A shop's reports under other settings: built beside those that readers see, kept up to date, switched at once."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.names import Collection, DueGroup
from contracts.shop_settings import FORMER_KEPT
from report_app.reading.merchants import merchants_by_id
from report_app.setting_orders import cancel_change
from spark_jobs.change_settings import building, placing
from spark_jobs.change_settings.building import build
from spark_jobs.change_settings.job import work
from spark_jobs.change_settings.ordered import take_next
from spark_jobs.change_settings.switching import remove_former, switch
from spark_jobs.failures import TransientError
from spark_jobs.orders import read_orders
from tests.road.agreement import assert_reports_are_right
from tests.road.loop_messages import good_messages, later_messages
from tests.road.shops import message

NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
TOKYO, KATHMANDU = "Asia/Tokyo", "Asia/Kathmandu"


@pytest.fixture
def lamps(jobs):
    """A shop with two days of events, counted in Berlin's hours."""
    shop = jobs.shop("lamps")
    shop.send([*good_messages()[:120], order("moves", 40, hour=30)])
    jobs.batch()
    jobs.days()
    return shop


def order(order_id, revenue, hour, event="Order Completed", **properties):
    products = [{"product_id": "tea", "price": revenue, "quantity": 1}]
    at = NOON + timedelta(hours=hour)
    return message(event, at, order_id=order_id, revenue=revenue, products=products, **properties)


def settings_of(jobs, shop="lamps"):
    return jobs.database[Collection.MERCHANTS].find_one({"_id": shop})


def test_batches_write_both_and_one_switch_changes_what_readers_see(jobs, lamps):
    before = lamps.stored_checksums()
    jobs.order_settings(lamps, KATHMANDU)
    lamps.send([order("moves", 40, hour=2), *later_messages()])
    jobs.batch()
    jobs.days()
    assert_reports_are_right(lamps)
    assert lamps.stored_checksums() != before
    seen = lamps.stored_checksums()

    attempt = jobs.plan_changes()
    merchant = take_next(jobs.database)
    assert build(attempt, merchant)
    assert lamps.stored_checksums() == seen
    lamps.send([order("late", 15, hour=1), order("moves", 5, hour=3, event="Order Refunded")])
    jobs.batch()
    assert switch(jobs.database, merchant, datetime.now(UTC))
    lamps.zone = KATHMANDU
    jobs.days()
    assert_reports_are_right(lamps)
    lamps.send([order("later", 15, hour=20)])
    jobs.batch()
    jobs.days()
    assert_reports_are_right(lamps)
    assert jobs.due(DueGroup.HOUR) == jobs.due(DueGroup.DAY) == []


@pytest.mark.long
def test_readers_hear_of_the_switch_and_of_nothing_before(jobs, lamps):
    jobs.order_settings(lamps, TOKYO)
    lamps.send([order("second", 15, hour=1)])
    number = jobs.batch()
    [touched] = jobs.database[Collection.BATCHES].find_one({"_id": number})["touched"]
    assert touched["merchant"] == "lamps"
    assert {report.split("/")[1] for report in touched["reports"]} == {"1"}
    [announced] = jobs.change_settings()
    assert announced["merchant"] == "lamps"
    assert {report.split("/")[1] for report in announced["reports"]} == {"2"}
    assert {report.split("/")[2] for report in announced["reports"]} == {"traffic", "sales", "quality", "products"}


@pytest.mark.long
def test_what_no_reader_has_seen_is_no_changed_number(jobs, lamps):
    jobs.say_complete(datetime.now(UTC))
    jobs.order_settings(lamps, TOKYO)
    attempt = jobs.plan_changes()
    build(attempt, take_next(jobs.database))
    lamps.send([order("late", 15, hour=1)])
    jobs.batch()
    found = list(jobs.database[Collection.RESTATEMENTS].find())
    assert {one["settings_version"] for one in found} == {1}


def test_amounts_in_another_currency_and_messages_that_name_none(jobs, lamps):
    """Two orders of 40 and 15 without a currency are euros for ever; 1 EUR is 2 USD on every day of the test."""
    rates = [
        {"_id": f"EUR/USD/{day:%Y-%m-%d}", "base": "EUR", "quote": "USD", "day": f"{day:%Y-%m-%d}", "rate": "2"}
        for day in (NOON + timedelta(days=n) for n in range(-10, 4))
    ]
    jobs.database[Collection.FX_RATES].insert_many(rates)
    lamps.send([order("plain", 15, hour=1)])
    jobs.batch()
    euros = {key: hour["converted"]["sales"] for key, hour in lamps.hours("sales").items()}
    jobs.order_settings(lamps, lamps.zone, "USD")
    jobs.change_settings()
    lamps.send([order("after", 7, hour=1)])
    jobs.batch()
    jobs.days()
    hours = lamps.hours("sales")
    euros[hour_key(1)] += 700
    assert {key: hour["converted"]["sales"] for key, hour in hours.items()} == {k: 2 * v for k, v in euros.items()}
    assert hours[hour_key(1)]["currency"] == "USD"
    assert list(hours[hour_key(1)]["by_currency"]) == ["EUR"]
    assert settings_of(jobs)["message_currency"] == "EUR"


def hour_key(hour):
    return f"{NOON + timedelta(hours=hour):%Y-%m-%dT%H:%MZ}"


@pytest.mark.long
def test_an_attempt_that_dies_goes_on_where_it_was(jobs, lamps, monkeypatch):
    jobs.order_settings(lamps, TOKYO)
    attempt, computed = jobs.plan_changes(), []
    monkeypatch.setattr(building, "SCOPES_AT_ONCE", 3)
    whole = building.note_progress

    def dies_later(database, merchant, scopes, done):
        computed.append(done)
        if len(computed) == 3:
            raise ConnectionError
        return whole(database, merchant, scopes, done)

    monkeypatch.setattr(building, "note_progress", dies_later)
    with pytest.raises(ConnectionError):
        work(attempt)
    assert settings_of(jobs)["settings_version"] == 1
    assert settings_of(jobs)["next"]["computed"] == 3
    done = work(attempt)
    assert computed[3] > 3, "what was built before is not built again"
    assert [one["merchant"] for one in done.touched] == ["lamps"]
    lamps.zone = TOKYO
    assert_reports_are_right(lamps)


@pytest.mark.long
def test_an_order_that_a_batch_changes_meanwhile_is_placed_all_the_same(jobs, lamps, monkeypatch):
    jobs.order_settings(lamps, TOKYO)
    jobs.plan_changes()
    merchant = take_next(jobs.database)
    scopes_of, raced = placing.order_scopes, []

    def a_batch_is_quicker(events, shop):
        if not raced:
            raced.append(True)
            lamps.send([order("moves", 5, hour=40, event="Order Refunded")])
            jobs.batch()
        return scopes_of(events, shop)

    monkeypatch.setattr(placing, "order_scopes", a_batch_is_quicker)
    placing.place_orders(jobs.database, merchant)
    orders = jobs.database[Collection.ORDERS]
    for stored in read_orders(jobs.database, [one["_id"] for one in orders.find()]).values():
        assert {scope.id for scope in scopes_of(stored.events, merchant)} == set(stored.scopes)


@pytest.mark.long
def test_one_that_was_cancelled_is_not_switched(jobs, lamps, monkeypatch):
    jobs.order_settings(lamps, TOKYO)
    attempt = jobs.plan_changes()
    seen = lamps.stored_checksums()
    compute = building._computing

    def cancelled_meanwhile(attempt):
        shop = merchants_by_id(jobs.database, ["lamps"])["lamps"]
        cancel_change(jobs.database, shop, "anna", datetime.now(UTC))
        return compute(attempt)

    monkeypatch.setattr(building, "_computing", cancelled_meanwhile)
    assert work(attempt).touched == []
    assert "next" not in settings_of(jobs)
    assert lamps.stored_checksums() == seen
    lamps.send([order("after", 7, hour=1)])
    jobs.batch()
    jobs.days()
    assert_reports_are_right(lamps)
    jobs.order_settings(lamps, TOKYO)
    assert settings_of(jobs)["next"]["settings_version"] == 3


@pytest.mark.long
def test_three_attempts_are_enough(jobs, lamps, monkeypatch, caplog):
    jobs.order_settings(lamps, TOKYO)
    attempt = jobs.plan_changes()
    monkeypatch.setattr(building, "unsound_scopes", lambda database, scopes, editions: set(scopes))
    monkeypatch.setattr(building, "ROUNDS", 1)
    for _ in range(3):
        with pytest.raises(TransientError):
            work(attempt)
    assert work(attempt).touched == []
    assert settings_of(jobs)["next"]["state"] == "failed"
    assert "alert: settings could not be changed in 3 attempts: shop=lamps" in caplog.text


@pytest.mark.long
def test_a_shop_without_events_is_switched_at_once(jobs):
    shop = jobs.shop("empty")
    jobs.order_settings(shop, TOKYO)
    assert jobs.change_settings() == [{"merchant": "empty", "reports": []}]
    shop.zone = TOKYO
    shop.send([order("first", 7, hour=1)])
    jobs.batch()
    jobs.days()
    assert_reports_are_right(shop)


@pytest.mark.long
def test_former_reports_are_removed_a_day_later_and_nothing_else(jobs, lamps):
    jobs.order_settings(lamps, TOKYO)
    jobs.change_settings()
    lamps.zone = TOKYO
    reports, calendar = jobs.database[Collection.REPORTS], jobs.database[Collection.CALENDAR]
    assert reports.count_documents({"settings_version": 1}) > 0
    remove_former(jobs.database, datetime.now(UTC))
    assert reports.count_documents({"settings_version": 1}) > 0
    remove_former(jobs.database, datetime.now(UTC) + FORMER_KEPT + timedelta(seconds=1))
    assert reports.count_documents({"settings_version": 1}) == 0
    assert {month["_id"].split("/")[0] for month in calendar.find()} == {"lamps@2"}
    assert settings_of(jobs)["former"] == []
    assert_reports_are_right(lamps)
