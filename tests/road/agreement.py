"""Reports and the oracle say the same."""

from datetime import UTC, datetime, timedelta

from contracts.names import Collection, DueGroup
from contracts.reports import SHAPES, Family
from contracts.soundness import is_of, is_sound
from contracts.zones import hour_of_key
from report_app.reading.books import read_books
from report_app.reading.merchants import merchants_by_id
from report_app.reading.ranges import read_view
from stack.waiting import wait_until
from tests.road.shops import RoadShop

DAY, SETTLED_SECONDS = timedelta(days=1), 60.0
AMOUNTS = ("gross", "discount", "sales", "shipping", "tax", "refunds", "cancelled")
COUNTS = ("orders", "cancelled_orders", "refund_count", "units_milli")
NOTES = (
    "amounts_disagree",
    "order_repeated",
    "order_without_id",
    "refund_unmatched",
    "refund_over",
    "price_missing",
)
PRODUCT_MEASURES = ("views", "added_milli", "removed_milli", "ordered_milli", "orders", "revenue", "refunded")


def assert_books_balance(shop: RoadShop) -> None:
    """The shop's quality page of all its days: nothing on its way, every hour adds up."""
    merchant = merchants_by_id(shop.database, [shop.merchant])[shop.merchant]
    days = sorted(hour_of_key(key).date() for key in shop.hours(Family.QUALITY))
    now = datetime.now(UTC)
    asked = {"from": str(days[0] - DAY), "to": str(min(days[-1] + DAY, now.date()))}
    view = read_view(asked, shop.zone, now, now)
    wait_until(lambda: read_books(shop.database, merchant, view).total.is_settled, SETTLED_SECONDS)
    found = read_books(shop.database, merchant, view)
    assert found.is_read and found.total.is_settled and found.wrong_hours == ()
    names = ("received", "returned", "accepted", "duplicate", "bot", "rejected")
    assert {name: getattr(found.total, name) for name in names} == shop.books()


def assert_reports_are_right(shop: RoadShop) -> None:
    """Every hour and day of the shop's reports against the oracle; hours without anything may be missing."""
    assert_reports_are_believed(shop)
    assert_traffic_is_right(shop)
    expected, quality = shop.expected(), shop.hours(Family.QUALITY)
    assert {key: _some(hour, tuple(expected.quality[key])) for key, hour in quality.items() if _has_any(hour)} == (
        expected.quality
    )
    assert_sales_are_right(shop)
    assert_products_are_right(shop)


def assert_reports_are_believed(shop: RoadShop) -> None:
    """A reader shows each of them: none would be requested anew for its sums or its receipt."""
    for document in shop.database[Collection.REPORTS].find({"merchant": shop.merchant}):
        family, day = Family(document["family"]), document["day"]
        assert is_of(document, shop.merchant, document["settings_version"], family, day)
        scopes = {day: document} if SHAPES[family].group == DueGroup.DAY else document["hours"]
        unsound = [key for key, stored in scopes.items() if not is_sound(shop.merchant, family, key, stored)]
        assert unsound == [], document["_id"]


def assert_traffic_is_right(shop: RoadShop) -> None:
    names = ("events", "page_views", "visitors")
    found = {key: _some(hour, names) for key, hour in shop.hours(Family.TRAFFIC).items() if hour["events"]}
    assert found == shop.expected().traffic


def assert_sales_are_right(shop: RoadShop) -> None:
    found, expected = shop.hours(Family.SALES), shop.expected().sales
    for key in found.keys() | expected.keys():
        hour = found.get(key, {})
        flat = hour.get("converted", {}) | hour.get("notes", {}) | {name: hour.get(name, 0) for name in COUNTS}
        names = (*AMOUNTS, *COUNTS, *NOTES)
        wanted = expected.get(key, {})
        assert {name: flat.get(name, 0) for name in names} == {name: wanted.get(name, 0) for name in names}, key


def assert_products_are_right(shop: RoadShop) -> None:
    found, expected = shop.days(), shop.expected().products
    for day in found.keys() | expected.keys():
        content = found.get(day, {"rows": [], "not_on_product": {}})
        rows = {row["key"]: row for row in content["rows"]}
        wanted = {key: row for key, row in expected.get(day, {}).items() if key and any(row.values())}
        assert {key: _some(row, PRODUCT_MEASURES) for key, row in rows.items()} == {
            key: _some(row, PRODUCT_MEASURES) for key, row in wanted.items()
        }, day
        rest = expected.get(day, {}).get("", {})
        for money in ("revenue", "refunded"):
            assert content["not_on_product"].get(money, 0) == rest.get(money, 0), day


def _has_any(hour):
    return hour["received"] or hour["returned"]


def _some(row, names):
    return {name: row.get(name, 0) for name in names}
