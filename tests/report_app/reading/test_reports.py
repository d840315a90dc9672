"""What the database holds is believed only when it fits; a scope without a number says why."""

from datetime import timedelta

import pytest

from contracts.names import Collection
from contracts.reports import Family, report_id
from report_app.reading.hours import hours_on
from report_app.reading.merchants import merchants_by_id
from report_app.reading.reports import State, read_days, read_hours
from tests.report_app.documents import Archive, local_hour, merchant, product, products

START = local_hour("2026-11-23 10")
DAY = START.date()
HOUR = next(hour for hour in hours_on("Europe/Berlin", DAY) if hour.start == START)
SALES_ID = report_id("nordlicht", 1, Family.SALES, "2026-11-23")


@pytest.fixture
def shop(database):
    database[Collection.MERCHANTS].insert_one(merchant())
    return merchants_by_id(database, ["nordlicht"])["nordlicht"]


@pytest.fixture
def archive(database):
    archive = Archive(database)
    archive.hours(START, visitors=["a", "b"], page_views=5, orders=1, goods=1250)
    return archive


def sales_of(database, shop):
    return read_hours(database, shop, [Family.SALES], [HOUR])[Family.SALES][HOUR.key]


def change(database, **fields):
    database[Collection.REPORTS].update_one({"_id": SALES_ID}, {"$set": fields})


def test_a_whole_report_is_read(database, shop, archive):
    part = sales_of(database, shop)
    assert (part.state, part.content["converted"]["sales"]) == (State.READ, 1250)


def test_an_hour_that_is_not_on_the_calendar_is_zero_without_a_document(database, shop):
    assert sales_of(database, shop).state is State.EMPTY


@pytest.mark.parametrize(
    "field",
    ["content.converted.sales", "content.orders", "content.currency", "checksum", "content.added_by_hand"],
)
def test_a_changed_number_is_never_shown(database, shop, archive, field):
    change(database, **{f"hours.{HOUR.key}.{field}": 99})
    assert sales_of(database, shop).state is State.AGAIN


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": 2},
        {"merchant": "another"},
        {"day": "2026-11-22"},
        {"family": "traffic"},
        {"settings_version": 2},
        {"hours": None},
        {f"hours.{HOUR.key}": None},
        {f"hours.{HOUR.key}.content": "text"},
        {f"hours.{HOUR.key}.receipt": None},
        {f"hours.{HOUR.key}.content.orders": 1.5},
    ],
)
def test_a_document_of_another_shape_or_owner_is_never_shown(database, shop, archive, fields):
    change(database, **fields)
    assert sales_of(database, shop).state is State.AGAIN


def test_an_hour_copied_over_another_is_noticed(database, shop, archive):
    stored = database[Collection.REPORTS].find_one({"_id": SALES_ID})["hours"][HOUR.key]
    archive.hours(local_hour("2026-11-23 11"), orders=2, goods=9900)
    later = hours_on("Europe/Berlin", DAY)[11]
    change(database, **{f"hours.{later.key}": stored})
    found = read_hours(database, shop, [Family.SALES], [HOUR, later])[Family.SALES]
    assert (found[HOUR.key].state, found[later.key].state) == (State.READ, State.AGAIN)


def test_a_missing_report_of_the_calendar_is_being_computed_again(database, shop, archive):
    database[Collection.REPORTS].delete_one({"_id": SALES_ID})
    assert sales_of(database, shop).state is State.AGAIN


def test_while_its_scope_is_due_it_is_being_computed(database, shop, archive):
    database[Collection.REPORTS].delete_one({"_id": SALES_ID})
    due = {"_id": f"nordlicht/hour/{HOUR.key}", "merchant": "nordlicht", "group": "hour", "scope": HOUR.key}
    database[Collection.DUE_SCOPES].insert_one(due)
    assert sales_of(database, shop).state is State.COMPUTING


def test_only_the_settings_version_of_the_shop_is_read(database, archive):
    database[Collection.MERCHANTS].insert_one(merchant(settings_version=2))
    shop = merchants_by_id(database, ["nordlicht"])["nordlicht"]
    assert sales_of(database, shop).state is State.EMPTY
    month = database[Collection.CALENDAR].find_one({"_id": "nordlicht/2026-11"})
    database[Collection.CALENDAR].insert_one(month | {"_id": "nordlicht@2/2026-11"})
    assert sales_of(database, shop).state is State.AGAIN


def test_a_day_that_was_frozen_before_these_settings_is_no_zero(database, archive):
    def part_of(**fields):
        database[Collection.MERCHANTS].replace_one({"_id": "nordlicht"}, merchant(**fields), upsert=True)
        return sales_of(database, merchants_by_id(database, ["nordlicht"])["nordlicht"])

    assert part_of(settings_version=2, reports_from=START - timedelta(hours=10)).state is State.EMPTY
    part = part_of(settings_version=2, reports_from=START)
    assert (part.state, part.is_number, part.is_missing) == (State.FROZEN, False, False)
    assert part_of(reports_from=START).state is State.READ


def test_a_day_report_is_checked_too(database, shop, archive):
    archive.day(DAY, products(product("a", revenue=500)))
    read = read_days(database, shop, Family.PRODUCTS, [DAY])["2026-11-23"]
    assert (read.state, read.content["rows"][0]["revenue"]) == (State.READ, 500)
    database[Collection.REPORTS].update_one({"family": "products"}, {"$set": {"content.rows.0.revenue": 501}})
    assert read_days(database, shop, Family.PRODUCTS, [DAY])["2026-11-23"].state is State.AGAIN
